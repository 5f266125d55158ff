"""The resource table: one row for each resource that the server has.

A new resource is a new row; verbs, discovery, RBAC and watches follow from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.simulator.kube_api.registry import (
    access,
    configuration,
    events,
    jobs,
    limits,
    namespaces,
    nodes,
    persistent_volumes,
    pods,
    policies,
)
from harness.simulator.kube_api.strategy import Strategy
from harness.simulator.kube_api.validation import names

ALL_VERBS = (
    *("create", "delete", "deletecollection", "get"),
    *("list", "patch", "update", "watch"),
)
_STATUS_VERBS = ("get", "patch", "update")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subresource:
    """A path below an object; `kind` is what it takes or answers."""

    name: str
    verbs: tuple[str, ...]
    kind: str
    group: str = ""
    version: str = "v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A row: what a resource is called and how its objects are written."""

    plural: str
    kind: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field selector paths beside metadata's, with the value of an unset field."""
    name_rule: str = "dns_subdomain"
    """The function of `validation.names` that object names must pass."""
    generation: bool = False
    """Whether metadata.generation counts the changes of the spec."""
    returns_deleted: bool = False
    """Whether a delete answers with the object and not with a `Status`."""
    create_on_update: bool = False
    orphan_default: bool = False
    """Whether a delete without a propagationPolicy orphans the dependents."""
    stored_in: str = ""
    """The plural of the row whose objects these are (events in two groups)."""
    strategy: Strategy = field(default_factory=Strategy)

    @property
    def group_version(self) -> str:
        """Return `batch/v1` or `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        """Return the name that discovery calls singular."""
        return self.kind.lower()

    @property
    def key(self) -> str:
        """Return the store's name for the resource: `jobs.batch`, `pods`."""
        if self.stored_in:
            return self.stored_in
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def has_status(self) -> bool:
        """Say whether the status is written through a subresource alone."""
        return any(sub.name == "status" for sub in self.subresources)

    def subresource(self, name: str) -> Subresource | None:
        """Return the subresource of a name."""
        return next((sub for sub in self.subresources if sub.name == name), None)

    def selectable(self) -> Mapping[str, str]:
        """Return every path that a field selector may name."""
        always = {"metadata.name": ""}
        return {**always, **({"metadata.namespace": ""} if self.namespaced else {})} | (
            dict(self.fields)
        )


def kind_key(group: str, version: str, kind: str) -> str:
    """Return `batch/v1/Job` or `v1/Pod`."""
    return "/".join(part for part in (group, version, kind) if part)


def _status(kind: str, *, group: str = "", version: str = "v1") -> Subresource:
    return Subresource(
        name="status", verbs=_STATUS_VERBS, kind=kind, group=group, version=version
    )


def _review(kind: str, group: str, *, namespaced: bool = False) -> Resource:
    return Resource(
        plural=f"{kind.lower()}s",
        kind=kind,
        group=group,
        namespaced=namespaced,
        verbs=("create",),
    )


_RBAC = "rbac.authorization.k8s.io"
_AUTHORIZATION = "authorization.k8s.io"
_AUTHENTICATION = "authentication.k8s.io"

TABLE: tuple[Resource, ...] = (
    Resource(
        plural="namespaces",
        kind="Namespace",
        namespaced=False,
        short_names=("ns",),
        verbs=tuple(verb for verb in ALL_VERBS if verb != "deletecollection"),
        subresources=(
            Subresource(name="finalize", verbs=("update",), kind="Namespace"),
            _status("Namespace"),
        ),
        fields={"status.phase": "", "name": ""},
        name_rule="dns_label",
        returns_deleted=True,
        strategy=namespaces.STRATEGY,
    ),
    Resource(
        plural="pods",
        kind="Pod",
        short_names=("po",),
        categories=("all",),
        subresources=(
            Subresource(
                name="eviction", verbs=("create",), kind="Eviction", group="policy"
            ),
            Subresource(name="log", verbs=("get",), kind="Pod"),
            Subresource(name="binding", verbs=("create",), kind="Binding"),
            _status("Pod"),
        ),
        fields={
            "spec.nodeName": "",
            "spec.restartPolicy": "",
            "spec.schedulerName": "",
            "spec.serviceAccountName": "",
            "spec.hostNetwork": "false",
            "status.phase": "",
            "status.podIP": "",
            "status.nominatedNodeName": "",
        },
        generation=True,
        returns_deleted=True,
        strategy=pods.STRATEGY,
    ),
    Resource(
        plural="jobs",
        kind="Job",
        group="batch",
        categories=("all",),
        subresources=(_status("Job", group="batch"),),
        fields={"status.successful": "0"},
        generation=True,
        orphan_default=True,
        strategy=jobs.STRATEGY,
    ),
    Resource(
        plural="secrets",
        kind="Secret",
        fields={"type": ""},
        strategy=configuration.SECRETS,
    ),
    Resource(
        plural="configmaps",
        kind="ConfigMap",
        short_names=("cm",),
        strategy=configuration.CONFIG_MAPS,
    ),
    Resource(
        plural="serviceaccounts",
        kind="ServiceAccount",
        short_names=("sa",),
        subresources=(
            Subresource(
                name="token",
                verbs=("create",),
                kind="TokenRequest",
                group=_AUTHENTICATION,
            ),
        ),
        returns_deleted=True,
    ),
    Resource(
        plural="persistentvolumeclaims",
        kind="PersistentVolumeClaim",
        short_names=("pvc",),
        subresources=(_status("PersistentVolumeClaim"),),
        returns_deleted=True,
        strategy=persistent_volumes.CLAIMS,
    ),
    Resource(
        plural="persistentvolumes",
        kind="PersistentVolume",
        namespaced=False,
        short_names=("pv",),
        subresources=(_status("PersistentVolume"),),
        returns_deleted=True,
        strategy=persistent_volumes.VOLUMES,
    ),
    Resource(
        plural="resourcequotas",
        kind="ResourceQuota",
        short_names=("quota",),
        subresources=(_status("ResourceQuota"),),
        returns_deleted=True,
        strategy=limits.QUOTAS,
    ),
    Resource(
        plural="limitranges",
        kind="LimitRange",
        short_names=("limits",),
        create_on_update=True,
        strategy=limits.LIMIT_RANGES,
    ),
    Resource(
        plural="nodes",
        kind="Node",
        namespaced=False,
        short_names=("no",),
        subresources=(_status("Node"),),
        fields={"spec.unschedulable": "false"},
        strategy=nodes.STRATEGY,
    ),
    Resource(
        plural="events",
        kind="Event",
        short_names=("ev",),
        fields=events.FIELDS,
        create_on_update=True,
        strategy=events.STRATEGY,
    ),
    Resource(
        plural="services",
        kind="Service",
        short_names=("svc",),
        categories=("all",),
        subresources=(_status("Service"),),
        fields={"spec.clusterIP": "", "spec.type": ""},
        name_rule="dns_label_1035",
        returns_deleted=True,
        create_on_update=True,
        strategy=policies.SERVICES,
    ),
    Resource(
        plural="events",
        kind="Event",
        group="events.k8s.io",
        short_names=("ev",),
        fields=events.NEW_FIELDS,
        create_on_update=True,
        stored_in="events",
        strategy=events.NEW_STRATEGY,
    ),
    Resource(
        plural="roles",
        kind="Role",
        group=_RBAC,
        name_rule="path_segment",
        create_on_update=True,
        strategy=access.ROLES,
    ),
    Resource(
        plural="rolebindings",
        kind="RoleBinding",
        group=_RBAC,
        name_rule="path_segment",
        create_on_update=True,
        strategy=access.BINDINGS,
    ),
    Resource(
        plural="clusterroles",
        kind="ClusterRole",
        group=_RBAC,
        namespaced=False,
        name_rule="path_segment",
        create_on_update=True,
        strategy=access.CLUSTER_ROLES,
    ),
    Resource(
        plural="clusterrolebindings",
        kind="ClusterRoleBinding",
        group=_RBAC,
        namespaced=False,
        name_rule="path_segment",
        create_on_update=True,
        strategy=access.CLUSTER_BINDINGS,
    ),
    Resource(
        plural="storageclasses",
        kind="StorageClass",
        group="storage.k8s.io",
        namespaced=False,
        short_names=("sc",),
        returns_deleted=True,
        strategy=persistent_volumes.CLASSES,
    ),
    Resource(
        plural="leases",
        kind="Lease",
        group="coordination.k8s.io",
        create_on_update=True,
        strategy=policies.LEASES,
    ),
    Resource(
        plural="priorityclasses",
        kind="PriorityClass",
        group="scheduling.k8s.io",
        namespaced=False,
        short_names=("pc",),
        generation=True,
        strategy=policies.PRIORITY_CLASSES,
    ),
    Resource(
        plural="networkpolicies",
        kind="NetworkPolicy",
        group="networking.k8s.io",
        short_names=("netpol",),
        generation=True,
        strategy=policies.NETWORK_POLICIES,
    ),
    _review("SelfSubjectAccessReview", _AUTHORIZATION),
    _review("SubjectAccessReview", _AUTHORIZATION),
    _review("SelfSubjectRulesReview", _AUTHORIZATION),
    _review("LocalSubjectAccessReview", _AUTHORIZATION, namespaced=True),
    _review("SelfSubjectReview", _AUTHENTICATION),
    _review("TokenReview", _AUTHENTICATION),
)

_BY_PATH = {(row.group, row.version, row.plural): row for row in TABLE}
GROUP_VERSIONS = frozenset((row.group, row.version) for row in TABLE)


def find(group: str, version: str, plural: str) -> Resource | None:
    """Return the row of a path, or None."""
    return _BY_PATH.get((group, version, plural))


def by_plural(plural: str, group: str = "") -> Resource:
    """Return a row that the simulator itself needs; KeyError if there is none."""
    return _BY_PATH[(group, "v1", plural)]


def name_errors(resource: Resource, name: str) -> list[str]:
    """Return what is wrong with an object's name."""
    rule = getattr(names, resource.name_rule)
    found: list[str] = rule(name)
    return found
