"""The rights: the wrapper's, and those that the validation itself needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True, kw_only=True, slots=True)
class Right:
    """One right, and what it is for."""

    verb: str
    group: str
    resource: str
    """With its subresource: ``pods/log``."""
    used_by: str

    @property
    def key(self) -> str:
        """``create jobs.batch``, as an administrator writes it."""
        plural, slash, sub = self.resource.partition("/")
        grouped = f"{plural}.{self.group}" if self.group else plural
        return f"{self.verb} {grouped}{slash}{sub}"

    @property
    def slug(self) -> str:
        """As part of a result's id."""
        return f"{self.verb}-{self.resource.replace('/', '-')}"

    def attributes(self, namespace: str) -> dict[str, str]:
        """As an access review asks for it."""
        plural, _, sub = self.resource.partition("/")
        asked = {"verb": self.verb, "group": self.group, "resource": plural}
        if sub:
            asked["subresource"] = sub
        if namespace:
            asked["namespace"] = namespace
        return asked


def _rights(rows: str, group: str = "") -> tuple[Right, ...]:
    """One right a line: ``verb resource: what for``."""
    found = []
    for row in rows.strip().splitlines():
        what, _, used_by = row.strip().partition(": ")
        verb, resource = what.split()
        found.append(Right(verb=verb, group=group, resource=resource, used_by=used_by))
    return tuple(found)


SECRETS = _rights("create secrets: hands the worker its token and secrets")
NEEDED = (
    *_rights(
        """
        create jobs: starts a worker
        get jobs: finds the worker that an earlier try made
        list jobs: finds workers whose job row is gone
        delete jobs: removes a worker when its log has been read
        """,
        "batch",
    ),
    *_rights(
        """
        list pods: finds the worker's pod
        watch pods: sees the worker's end
        get pods/log: reads the job's output
        """
    ),
)
OPTIONAL = _rights("list events: tells why a worker did not start")
DESIGNED = (
    *_rights("watch jobs: in the migration's Role; not used", "batch"),
    *_rights(
        """
        get pods: in the migration's Role; not used
        list pods/log: in the migration's Role; not used
        watch pods/log: in the migration's Role; not used
        """
    ),
)
"""Granted by the Role that the migration was designed with: no excess."""

LOOKING = (
    *_rights(
        """
        get namespaces: whether it is there, and its Pod Security labels
        list serviceaccounts: whether the wrapper's account is there
        list persistentvolumeclaims: the shared claims
        list resourcequotas: room for workers
        list limitranges: limits of workers
        list pods: leftovers, and what is to stay untouched
        list secrets: leftovers and pull secrets, by their names only
        list configmaps: what is to stay untouched
        list services: whether QFieldCloud's name can be resolved
        list events: why a pod did not start
        """
    ),
    *_rights("list jobs: leftovers of earlier wrappers", "batch"),
    *_rights("list networkpolicies: what cuts workers off", "networking.k8s.io"),
    *_rights(
        """
        list roles: the wrapper's Role, to compare
        list rolebindings: who has it
        """,
        "rbac.authorization.k8s.io",
    ),
)
RUNNING = (
    *_rights(
        """
        create jobs: the validation's real jobs
        delete jobs: to remove them
        get jobs: to follow them
        """,
        "batch",
    ),
    *_rights(
        """
        list pods: to follow them
        get pods/log: to read what they say
        create secrets: the worker's environment
        create configmaps: the probe's program
        delete configmaps: to remove it
        """
    ),
)
DRY = (
    *_rights("create jobs: dry run of the worker's Job", "batch"),
    *_rights(
        """
        create secrets: dry run of the worker's Secret
        create pods: dry run of the worker's pod
        create persistentvolumeclaims: dry run of the claims
        """
    ),
)


def wrapper_needs(*, inline_env: bool) -> tuple[Right, ...]:
    """What the wrapper can't do without."""
    return NEEDED if inline_env else (*NEEDED, *SECRETS)


def minimal_role(
    name: str, namespace: str, rights: Iterable[Right]
) -> Mapping[str, Any]:
    """The Role that grants these rights and nothing else."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        verbs.setdefault((right.group, right.resource), []).append(right.verb)
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": namespace},
        "rules": [
            {"apiGroups": [group], "resources": [resource], "verbs": sorted(granted)}
            for (group, resource), granted in verbs.items()
        ],
    }


def as_yaml(found: Mapping[str, Any]) -> str:
    """A manifest to copy."""
    text: str = yaml.safe_dump(found, sort_keys=False)
    return text
