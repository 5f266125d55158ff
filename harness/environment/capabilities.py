"""What an environment can do: a scenario that needs more is skipped."""

from dataclasses import dataclass, replace

from ..scenario.schema import Scenario

REASONS = {
    "namespaces": "workers run without mount namespaces here, so mounts prove nothing",
    "rbac": "nothing here checks rights",
    "registry": "there is no registry here that refuses images",
    "real_limits": "limits are only simulated here",
    "two_nodes": "there is only one node",
    "pace": "which of two things comes first, within seconds, is chance on a real one",
    "node": "the harness can't reach into the nodes here",
    "namespace_rules": "quotas, limits and labels of the namespace are not ours",
    "own_node": "the harness can't add a node here and take it away",
    "job_image": "no --worker-image is given, which the cluster can pull",
    "probe_image": "no --probe-image is given, which the cluster can pull",
    "both_backends": "there is one backend here, so a wrapper can't change to another",
    "injection": "nothing here adds containers to pods",
}
NODE_DEEDS = {"bind_worker", "kill_worker", "preempt_worker", "say_unknown"}
"""What only a node's administrator, or the cluster's, may do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """One field for each thing that a scenario can need."""

    namespaces: bool
    """A worker's mounts are real ones."""
    rbac: bool
    real_limits: bool
    """Memory and CPU limits are the kernel's."""
    registry: bool
    """Pulls fail as the scenario wants it."""
    two_nodes: bool
    pace: bool = False
    """What comes first of two things within seconds is no chance."""
    node: bool = True
    """The harness can act as the node's administrator: kill a worker from outside."""
    namespace_rules: bool = True
    """The harness may set quotas, limits and labels of a cell's namespace."""
    own_node: bool = False
    """A cell can have a node of its own, and lose it."""
    job_image: bool = True
    """There is an image of the real worker, or it can be built."""
    probe_image: bool = True
    both_backends: bool = False
    """One wrapper can talk to Docker and to Kubernetes."""
    injection: bool = False
    """The cluster can add containers to a worker's pod, as a webhook would."""

    def missing(self, scenario: Scenario) -> str:
        """Why a scenario's needs are not met; "" if they are."""
        needs: list[str] = list(scenario.needs)
        if any(NODE_DEEDS.intersection(event.deeds) for event in scenario.during):
            needs.append("node")
        given = scenario.given
        if given.objects or given.pod_security:
            needs.append("namespace_rules")
        if given.own_node:
            needs.append("own_node")
        if given.image == "present":
            needs.append("job_image" if scenario.worker == "job" else "probe_image")
        if scenario.migrates:
            needs.append("both_backends")
        if given.sidecar:
            needs.append("injection")
        if given.image in ("unreachable", "slow"):
            needs.append("registry")
        if given.image == "broken":  # it is built, and loaded into the nodes
            needs.append("node")
        return "; ".join(
            f"{need}: {REASONS[need]}" for need in needs if not getattr(self, need)
        )


SIMULATED = Capabilities(
    namespaces=True,
    rbac=True,
    real_limits=False,
    registry=True,
    two_nodes=True,
    pace=True,
    own_node=True,
    both_backends=True,
    injection=True,
)
"""Where user namespaces are allowed; else workers have no mounts of their own."""
DOCKER_ENGINE = Capabilities(
    namespaces=True, rbac=False, real_limits=True, registry=False, two_nodes=False
)
KIND_CLUSTER = Capabilities(
    namespaces=True, rbac=True, real_limits=True, registry=False, two_nodes=False
)
KIND_CLUSTER_OF_TWO = replace(KIND_CLUSTER, two_nodes=True)
KUBECONFIG = replace(KIND_CLUSTER, node=False, namespace_rules=False)
