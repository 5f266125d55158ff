"""One request on its way to its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from harness.simulator.kube_api import errors
from harness.simulator.kube_api import field_errors as field_error
from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.request_info import RequestInfo
from harness.simulator.kube_api.resources import Resource
from harness.simulator.kube_api.writer import Caller

_DRY_RUN = "All"


@dataclass(kw_only=True, slots=True)
class Call:
    """An authenticated and authorized request for a resource of the table."""

    request: web.Request
    cluster: Cluster
    info: RequestInfo
    user: User
    resource: Resource
    warnings: list[str] = field(default_factory=list)

    @property
    def namespace(self) -> str:
        """Return the namespace of the objects; "" for a cluster-wide resource.

        The path of a namespace itself has one, which only the authorizer looks at.
        """
        return self.info.namespace if self.resource.namespaced else ""

    @property
    def query(self) -> Mapping[str, str]:
        """Return the query parameters; the first of each name."""
        return self.request.query

    def integer(self, key: str) -> int | None:
        """Return a numeric parameter; raise 400 with Go's text for anything else."""
        text = self.query.get(key)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise errors.bad_request(
                f'strconv.ParseInt: parsing "{text}": invalid syntax'
            ) from None

    def caller(self, options: str) -> Caller:
        """Return who writes; `options` names the kind of the query's parameters."""
        values = self.request.query.getall("dryRun", [])
        check_dry_run(values, options)
        return Caller(user=self.user, dry_run=bool(values), warnings=self.warnings)


def check_dry_run(values: list[str], options: str) -> None:
    """Raise 422 for a dryRun that is not All."""
    found = [
        field_error.not_supported("dryRun", values, (_DRY_RUN,))
        for value in values
        if value != _DRY_RUN
    ]
    if found:
        raise errors.invalid("meta.k8s.io", options, "", found[:1])
