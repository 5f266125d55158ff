"""API errors: what a `Status` of kind Failure says, in Kubernetes' own words.

The constructors are those of apimachinery's `pkg/api/errors`, with the same texts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.simulator.kube_api.field_errors import FieldError, aggregate


class ApiError(Exception):
    """An answer that is not a success; the HTTP layer turns it into a `Status`."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = None if details is None else dict(details)
        self.headers = dict(headers or {})
        self.warnings: Sequence[str] = ()
        """What was to be warned of before it failed."""

    def status(self) -> dict[str, Any]:
        """Return the `Status` object that is sent."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        return {**body, "code": self.code}


class NotModelled(ApiError):
    """What the real server does and the simulator refuses: 501, recorded as a gap."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(
            501,
            "NotImplemented",
            f"the simulator does not model {what}; to add it, extend "
            f"harness/simulator/kube_api/{where}",
        )


def _qualified(group: str, resource: str) -> str:
    return f"{resource}.{group}" if group else resource


def _details(group: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if group:
        details["group"] = group
    return {**details, "kind": kind, **more} if kind else {**details, **more}


def not_found(group: str, resource: str, name: str) -> ApiError:
    """404: no object of that name."""
    return ApiError(
        404,
        "NotFound",
        f'{_qualified(group, resource)} "{name}" not found',
        details=_details(group, resource, name),
    )


def no_such_path() -> ApiError:
    """404: the group and version exist, the resource does not."""
    return ApiError(
        404,
        "NotFound",
        "the server could not find the requested resource",
        details={},
    )


def already_exists(group: str, resource: str, name: str) -> ApiError:
    """409: a second object of the same name."""
    return ApiError(
        409,
        "AlreadyExists",
        f'{_qualified(group, resource)} "{name}" already exists',
        details=_details(group, resource, name),
    )


def conflict(group: str, resource: str, name: str, why: str = "") -> ApiError:
    """409: a stale resourceVersion, or a precondition that doesn't hold."""
    why = why or (
        "the object has been modified; please apply your changes to the latest "
        "version and try again"
    )
    return ApiError(
        409,
        "Conflict",
        f'Operation cannot be fulfilled on {_qualified(group, resource)} "{name}": '
        f"{why}",
        details=_details(group, resource, name),
    )


def invalid(group: str, kind: str, name: str, errors: Sequence[FieldError]) -> ApiError:
    """422: validation, with one cause for each field."""
    return ApiError(
        422,
        "Invalid",
        f'{_qualified(group, kind)} "{name}" is invalid: {aggregate(errors)}',
        details=_details(group, kind, name, causes=[e.cause() for e in errors]),
    )


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def forbidden(
    group: str,
    resource: str,
    name: str,
    why: str,
    causes: Sequence[Mapping[str, str]] = (),
) -> ApiError:
    """403, of the authorizer or of an admission plugin."""
    if name:
        message = f'{_qualified(group, resource)} "{name}" is forbidden: {why}'
    elif resource:
        message = f"{_qualified(group, resource)} is forbidden: {why}"
    else:
        message = f"forbidden: {why}"
    more = {"causes": list(causes)} if causes else {}
    return ApiError(
        403, "Forbidden", message, details=_details(group, resource, name, **more)
    )


def unauthorized() -> ApiError:
    """401: the token is unknown, expired or of a deleted account."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def expired(message: str) -> ApiError:
    """410: the resourceVersion or continue token is older than the history."""
    return ApiError(410, "Expired", message)


def method_not_allowed() -> ApiError:
    """405: the resource has no such verb."""
    return ApiError(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        details={},
    )


def internal(message: str) -> ApiError:
    """500, with the `Internal error occurred` text where the real one has it."""
    return ApiError(
        500,
        "InternalError",
        f"Internal error occurred: {message}",
        details={"causes": [{"message": message}]},
    )


def unknown(message: str) -> ApiError:
    """500 without a reason: another server's words, passed on."""
    return ApiError(500, "", message)


def too_large_version(wanted: int, current: int) -> ApiError:
    """504 after three seconds: the resourceVersion is of the future."""
    return ApiError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {wanted}, current: {current}",
        details={
            "causes": [
                {
                    "reason": "ResourceVersionTooLarge",
                    "message": "Too large resource version",
                }
            ],
            "retryAfterSeconds": 1,
        },
        headers={"Retry-After": "1"},
    )
