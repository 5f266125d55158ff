"""The API's refusals, told apart by status and words."""

import pytest
from samples import settings

from worker_wrapper import failures, kube_refusals
from worker_wrapper.kube_client import KubeError

MINE = settings(namespace="gis", service_account="wrapper")
RIGHT = (
    'pods is forbidden: User "system:serviceaccount:gis:wrapper" cannot get resource '
    '"pods/log" in API group "" in the namespace "gis"'
)
JOBS = (
    'jobs.batch is forbidden: User "x" cannot create resource "jobs" in API group '
    '"batch" in the namespace "gis"'
)


def explained(status: int, message: str, reason: str = "") -> failures.Failure:
    """What is made of a refusal."""
    return kube_refusals.explain(
        KubeError(status, reason, message, "create jobs"), MINE
    )


@pytest.mark.parametrize(
    ("message", "group", "resource", "verb"),
    [(RIGHT, "", "pods/log", "get"), (JOBS, "batch", "jobs", "create")],
    ids=["log", "jobs"],
)
def test_a_missing_right_is_named_as_a_rule(message, group, resource, verb):
    """To be copied into the Role, with the API's own words before it."""
    failure = explained(403, message)
    assert failure.kind is failures.PERMISSION_DENIED
    assert failure.seen.startswith(message)
    rule = f'apiGroups ["{group}"], resources ["{resource}"], verbs ["{verb}"]'
    assert rule in failure.seen
    assert "ServiceAccount wrapper in namespace gis" in failure.seen


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, 'exceeded quota: q, requested: cpu="1"', failures.QUOTA_EXCEEDED),
        (403, "status unknown for quota: q", failures.QUOTA_EXCEEDED),
        (
            409,
            'Operation cannot be fulfilled on resourcequotas "q"',
            failures.QUOTA_EXCEEDED,
        ),
        (500, "resource quota evaluation timed out", failures.QUOTA_EXCEEDED),
        (403, 'pods "x" is forbidden: violates PodSecurity', failures.ADMISSION_DENIED),
        (
            400,
            'admission webhook "p.example" denied the request: no',
            failures.ADMISSION_DENIED,
        ),
        (403, "maximum memory usage per Container is 1Gi", failures.ADMISSION_DENIED),
        (401, "Unauthorized", failures.PERMISSION_DENIED),
        (503, "no endpoints", failures.BACKEND_UNREACHABLE),
        (429, "too many requests", failures.BACKEND_UNREACHABLE),
        (422, "Job.batch is invalid", failures.BACKEND_REFUSED),
    ],
)
def test_refusals_are_told_apart(status, message, kind):
    """By what an operator has to do."""
    failure = explained(status, message)
    assert failure.kind is kind
    assert message in failure.seen


def test_of_a_job_without_pods_the_events_tell():
    """A quota may free itself, a rule won't, anything else may be a passing error."""
    quota = kube_refusals.explain_no_pod("Error creating: exceeded quota: q")
    rule = kube_refusals.explain_no_pod("Error creating: pods is forbidden: no account")
    assert quota.kind is failures.QUOTA_EXCEEDED
    assert rule.kind is failures.ADMISSION_DENIED
    invalid = kube_refusals.explain_no_pod('Error creating: Pod "p" is invalid: spec')
    assert invalid.kind is failures.ADMISSION_DENIED
    assert kube_refusals.explain_no_pod("etcdserver: leader changed") is None
    # the wrapper may not read the events: that says nothing of the Job's pod
    assert kube_refusals.explain_no_pod(RIGHT) is None
