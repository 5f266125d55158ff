"""A write on its way through admission."""

from dataclasses import dataclass, field

from harness.simulator.kube_api import errors
from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.errors import ApiError
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.resources import Resource

CREATE, UPDATE, DELETE = "CREATE", "UPDATE", "DELETE"


@dataclass(kw_only=True, slots=True)
class Attempt:
    """Who writes what; mutating plugins change `obj` in place."""

    operation: str
    resource: Resource
    namespace: str
    name: str
    user: User
    obj: Object
    old: Object | None = None
    subresource: str = ""
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)

    def is_for(self, plural: str, *operations: str) -> bool:
        """Say whether it writes a resource itself, no subresource of it."""
        return (
            self.resource.plural == plural
            and not self.subresource
            and self.operation in operations
        )

    def forbidden(self, why: str) -> ApiError:
        """Return the 403 that an admission plugin answers."""
        return errors.forbidden(
            self.resource.group, self.resource.plural, self.name, why
        )
