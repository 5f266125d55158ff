"""Every way a job can fail outside the worker's own program, told apart.

``error_type`` is stable: dashboards and scripts may rely on it. What the worker itself
reports (``API_FORBIDDEN``, ``INVALID_PROJECT_FILE``, …) passes through untouched.
"""

from dataclasses import dataclass

CONTAINER = "container"
WRAPPER = "worker_wrapper"


@dataclass(frozen=True)
class FailureKind:
    """One row of the table of failures."""

    error_type: str
    error_origin: str
    meaning: str
    action: str


@dataclass(frozen=True)
class Failure:
    """What became of a job that failed: a kind, and what was seen this time."""

    kind: FailureKind
    seen: str

    def as_feedback(self) -> dict[str, str]:
        """The keys that ``feedback`` gets."""
        return {
            "error": self.seen,
            "error_type": self.kind.error_type,
            "error_origin": self.kind.error_origin,
            "error_hint": self.kind.action,
        }


class WorkerFailed(Exception):
    """Raised by a backend when a job ended without a worker's result."""

    def __init__(self, kind: FailureKind, seen: str) -> None:
        super().__init__(f"{kind.error_type}: {seen}")
        self.failure = Failure(kind, seen)


EXIT_CODE = FailureKind(
    "WORKER_EXIT_CODE",
    CONTAINER,
    "The worker ended with an exit code other than 0 and gave no error of its own.",
    "Read the job's output: the worker's last lines say what it did.",
)
OUT_OF_MEMORY = FailureKind(
    "OUT_OF_MEMORY",
    CONTAINER,
    "The worker used more memory than WORKER_QGIS_MEMORY_LIMIT and was killed.",
    "Raise WORKER_QGIS_MEMORY_LIMIT, or make the project smaller.",
)
DOCKER_SIGKILL = FailureKind(
    "DOCKER_ENGINE_SIGKILL",
    CONTAINER,
    "The worker's container was killed (exit code 137), not for its memory limit.",
    "Somebody or something killed it: look at the engine's events and the host's log "
    "(an out-of-memory kill on the host shows there).",
)
KUBERNETES_SIGKILL = FailureKind(
    "K8S_JOB_SIGKILL",
    CONTAINER,
    "The worker's container was killed (exit code 137); the cluster didn't say that it "
    "was for its memory limit.",
    "Somebody or something killed it: look at the node's kubelet and kernel logs. On "
    "cgroup v1 it may have been the memory limit, untold.",
)
TIMEOUT = FailureKind(
    "TIMEOUT",
    CONTAINER,
    "The worker ran longer than WORKER_TIMEOUT_S and was stopped.",
    "Raise WORKER_TIMEOUT_S, or find in the output what took so long.",
)
SCHEDULE_TIMEOUT = FailureKind(
    "SCHEDULE_TIMEOUT",
    WRAPPER,
    "The cluster found no node for the worker in QFIELDCLOUD_K8S_SCHEDULE_TIMEOUT_S.",
    "Compare the worker's requests, node selector and tolerations with the nodes; "
    "add a node, or run fewer replicas.",
)
START_TIMEOUT = FailureKind(
    "START_TIMEOUT",
    WRAPPER,
    "The worker had a node but didn't start in QFIELDCLOUD_K8S_START_TIMEOUT_S.",
    "Look at the pod's events: a slow image pull or a volume that can't be mounted.",
)
IMAGE_NOT_FOUND = FailureKind(
    "IMAGE_NOT_FOUND",
    WRAPPER,
    "There is no image of the name in QFIELDCLOUD_QGIS_IMAGE_NAME.",
    "Correct QFIELDCLOUD_QGIS_IMAGE_NAME, or pull or load the image.",
)
IMAGE_PULL_DENIED = FailureKind(
    "IMAGE_PULL_DENIED",
    WRAPPER,
    "The registry refused to give the worker's image.",
    "Check QFIELDCLOUD_K8S_IMAGE_PULL_SECRETS and the credentials in that Secret.",
)
IMAGE_PULL_FAILED = FailureKind(
    "IMAGE_PULL_FAILED",
    WRAPPER,
    "The worker's image could not be pulled, and not for its name or credentials.",
    "The registry can't be reached or limits the rate: run the job again later.",
)
CONTAINER_START = FailureKind(
    "CONTAINER_START",
    WRAPPER,
    "The container was made but its program could not be started.",
    "Compare the image, its ENTRYPOINT and the mounts with the message.",
)
QUOTA_EXCEEDED = FailureKind(
    "QUOTA_EXCEEDED",
    WRAPPER,
    "The namespace's quota left no room for the worker.",
    "Raise the ResourceQuota, lower the worker's requests, or run fewer replicas.",
)
ADMISSION_DENIED = FailureKind(
    "ADMISSION_DENIED",
    WRAPPER,
    "The cluster's rules (Pod Security, a webhook, a LimitRange) refuse the worker.",
    "Change what the message names: the wrapper's settings or the cluster's rule.",
)
PERMISSION_DENIED = FailureKind(
    "PERMISSION_DENIED",
    WRAPPER,
    "The wrapper may not make the API call it needs.",
    "Grant the rule that the message names to the wrapper's ServiceAccount.",
)
DISRUPTED = FailureKind(
    "POD_DISRUPTED",
    WRAPPER,
    "The cluster took the worker's pod away: eviction, preemption or a drain.",
    "Run the job again; give the worker a priority class if it happens often.",
)
NODE_LOST = FailureKind(
    "NODE_LOST",
    WRAPPER,
    "The node of the worker stopped answering.",
    "Check whether the job's changes were made before it is run again: the worker may "
    "have gone on unseen.",
)
POD_DELETED = FailureKind(
    "POD_DELETED",
    WRAPPER,
    "Somebody deleted the worker's pod.",
    "Run the job again.",
)
WORKER_DELETED = FailureKind(
    "WORKER_DELETED",
    WRAPPER,
    "Somebody deleted the worker's container or Job while it ran.",
    "Run the job again.",
)
BACKEND_UNREACHABLE = FailureKind(
    "BACKEND_UNREACHABLE",
    WRAPPER,
    "The Docker Engine or the Kubernetes API can't be reached.",
    "Check the socket or the API's address from the wrapper's container.",
)
BACKEND_REFUSED = FailureKind(
    "BACKEND_REFUSED",
    WRAPPER,
    "The Docker Engine or the Kubernetes API refused a call for another reason.",
    "The message is the API's own.",
)
FEEDBACK_MISSING = FailureKind(
    "FEEDBACK_MISSING",
    WRAPPER,
    "The worker exited with 0 but left no feedback.json.",
    "Check that wrapper and worker see the same directory as /io.",
)
FEEDBACK_INVALID = FailureKind(
    "FEEDBACK_INVALID",
    WRAPPER,
    "The worker's feedback.json is not a JSON object (cut off, or of another type).",
    "Check the free space of the volume behind /io, and the worker's output.",
)
FEEDBACK_NOT_STORABLE = FailureKind(
    "FEEDBACK_NOT_STORABLE",
    WRAPPER,
    "The worker's feedback.json is too large to be stored.",
    "Look into the project for what makes it so large.",
)
WRAPPER_ERROR = FailureKind(
    "WRAPPER_ERROR",
    WRAPPER,
    "The wrapper itself failed, for example in storing the result.",
    "Read error_stack in the feedback and report it.",
)

FAILURE_KINDS: tuple[FailureKind, ...] = tuple(
    kind for kind in globals().copy().values() if isinstance(kind, FailureKind)
)
"""All of them, in the order of this file (docs/reference is generated from it)."""
