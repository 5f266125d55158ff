"""The API's refusals, told apart: a missing right, a quota, a rule of the cluster."""

import re

from . import failures
from .failures import Failure
from .kube_client import KubeError
from .settings import KubernetesSettings

_MISSING_RIGHT = re.compile(
    r'cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" '
    r'in API group "(?P<group>[^"]*)"'
)
_QUOTA = re.compile(
    r"exceeded quota|status unknown for quota|quota evaluation timed out"
    r"|cannot be fulfilled on resourcequotas"
)
_REFUSED_POD = re.compile(r"is forbidden|is invalid: ")
_ADMISSION = re.compile(r"violates PodSecurity|admission webhook|denied the request")


def explain(error: KubeError, settings: KubernetesSettings) -> Failure:
    """What a refusal means, and what it takes."""
    if error.status == 403 and (right := _MISSING_RIGHT.search(error.message)):
        return Failure(
            failures.PERMISSION_DENIED,
            f"{error.message}. The Role of ServiceAccount {settings.service_account} "
            f"in namespace {settings.namespace} lacks the rule apiGroups "
            f'["{right["group"]}"], resources ["{right["resource"]}"], '
            f'verbs ["{right["verb"]}"].',
        )
    if _QUOTA.search(error.message):
        return Failure(failures.QUOTA_EXCEEDED, str(error))
    if error.status == 403 or _ADMISSION.search(error.message):
        return Failure(failures.ADMISSION_DENIED, str(error))
    if error.status == 401:
        return Failure(
            failures.PERMISSION_DENIED,
            f"{error}. The API doesn't accept the credentials of ServiceAccount "
            f"{settings.service_account}: is its token expired or revoked?",
        )
    if error.status in (429, 500, 502, 503, 504):
        return Failure(failures.BACKEND_UNREACHABLE, str(error))
    return Failure(failures.BACKEND_REFUSED, str(error))


def explain_no_pod(warnings: str) -> Failure | None:
    """What the Job's events say where no pod was made; None where it may still pass."""
    if _MISSING_RIGHT.search(warnings):
        return None  # the wrapper itself may not read them
    if _QUOTA.search(warnings):
        return Failure(failures.QUOTA_EXCEEDED, warnings)
    # defaults of a LimitRange can make a pod invalid, which its Job was not
    if _ADMISSION.search(warnings) or _REFUSED_POD.search(warnings):
        return Failure(failures.ADMISSION_DENIED, warnings)
    return None
