"""The known differences between Docker and Kubernetes: data, and nothing else.

``docs/known-differences.md`` is made of it. A row names what may stand on either side,
so that it excuses the difference it is about and no other.
"""

from .known import ABSENT, Known

_ABSENT = ABSENT.replace("(", r"\(").replace(")", r"\)")
_KUBE = "https://kubernetes.io/docs"
_DOCKER = "https://docs.docker.com"
_REFERENCE = f"{_KUBE}/reference/kubernetes-api/workload-resources"
_GIVEN = r"<token>|<as it was given(, in another order)?>|"

KNOWN: tuple[Known, ...] = (
    Known(
        id="api",
        fields=("API *",),
        what="The two APIs have no request in common.",
        reason="What the wrapper asks of either is compared with the real one by "
        "`qfc-harness fidelity`, and bounded by the check `calls.budget`.",
        link=f"{_KUBE}/reference/using-api/api-concepts/",
        seen_in="worker-given",
    ),
    Known(
        id="states-of-container",
        fields=("worker.states of container",),
        right=_ABSENT,
        what="Docker tells a worker's life as one container's events.",
        reason="The states that both have (made, running, ended, removed) are compared "
        "as `worker.states`.",
        link=f"{_DOCKER}/reference/cli/docker/system/events/",
        seen_in="worker-given",
    ),
    Known(
        id="states-of-job-and-pod",
        fields=(
            "worker.states of Job",
            "worker.states of pod",
            "worker.states of events",
        ),
        left=_ABSENT,
        what="Kubernetes tells a worker's life as a Job's conditions, a pod's phases "
        "and events.",
        reason="The states that both have (made, running, ended, removed) are compared "
        "as `worker.states`.",
        link=f"{_KUBE}/concepts/workloads/pods/pod-lifecycle/",
        seen_in="worker-given",
    ),
    Known(
        id="container-id",
        fields=("row.container_id",),
        left="<container>",
        right="<Job's UID>",
        what="`container_id` is the container's id on Docker, the Job's UID on "
        "Kubernetes.",
        reason="Both fit the column's 64 characters, and neither is ever used again; a "
        "Job's name is, after it was deleted.",
        link=f"{_KUBE}/concepts/overview/working-with-objects/names/#uids",
        seen_in="worker-given",
    ),
    Known(
        id="hostname",
        fields=("probe.env HOSTNAME", "probe.hostname"),
        left="<container>",
        right="<pod>",
        what="The worker's host name is the container's short id, or the pod's name.",
        reason="Neither is a part of the contract.",
        link=f"{_KUBE}/concepts/services-networking/dns-pod-service/"
        "#pod-s-hostname-and-subdomain-fields",
        seen_in="worker-given",
    ),
    Known(
        id="cluster-env",
        fields=("probe.env KUBERNETES_*",),
        left=_ABSENT,
        right=r"<address>|\d+|tcp|tcp://<address>",
        what="A pod has variables that tell where the cluster's API is.",
        reason="The kubelet adds them whatever `enableServiceLinks` says; without a "
        "ServiceAccount token, which the worker doesn't have, they open nothing.",
        link=f"{_KUBE}/tutorials/services/connect-applications-service/"
        "#environment-variables",
        seen_in="worker-given",
    ),
    Known(
        id="env-in-secret",
        fields=("worker.env *",),
        left=_GIVEN,
        right=_ABSENT,
        what="Secret values are in the container's env on Docker, and in a Secret of "
        "the Job's own on Kubernetes.",
        reason="Whoever may read Jobs would read them there. The worker itself has the "
        "same value: `probe.env` of this name is equal.",
        link=f"{_KUBE}/tasks/inject-data-application/distribute-credentials-secure/"
        "#configure-all-key-value-pairs-in-a-secret-as-container-environment-variables",
        seen_in="secrets-byte-for-byte",
        unless="probe.env *",
    ),
    Known(
        id="env-from",
        fields=("worker.env from",),
        left="nowhere else",
        right=r"secret/<worker>",
        what="On Kubernetes, a part of the environment comes from a Secret.",
        reason="Docker has no such thing outside of Swarm.",
        link=f"{_DOCKER}/engine/swarm/secrets/",
        seen_in="worker-given",
    ),
    Known(
        id="no-new-privileges",
        fields=("probe.process.no_new_privileges",),
        left="false",
        right="true",
        what="On Kubernetes, a worker can't gain privileges.",
        reason="The Pod Security Standard `restricted` asks for it, and clusters "
        "refuse pods without; QFieldCloud's Docker wrapper doesn't set it.",
        link=f"{_KUBE}/concepts/security/pod-security-standards/#restricted",
        seen_in="worker-given",
        proofs=("real",),
    ),
    Known(
        id="deleted-in-background",
        fields=(
            "worker.exit_code",
            "worker.ended",
            "worker.states",
        ),
        left=r"137|true|made → running → ended → removed",
        right=r"none|false|made → running → removed",
        what="A worker whose row is gone may outlive the wrapper's work.",
        reason="Docker's `rm --force` returns when the container is dead; Kubernetes "
        "deletes in the background, and the pod has its grace period.",
        link=f"{_KUBE}/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        seen_in="row-deleted",
        only_in=("row-deleted",),
        proofs=("real",),
    ),
    Known(
        id="managed-by",
        fields=("worker.label app.kubernetes.io/managed-by",),
        left=_ABSENT,
        right="qfieldcloud-worker-wrapper",
        what="Kubernetes' Jobs have a label more, which says who made them.",
        reason="A namespace may hold others' Jobs with a label `app`.",
        link=f"{_KUBE}/concepts/overview/working-with-objects/common-labels/",
        seen_in="worker-given",
    ),
    Known(
        id="label-charset",
        fields=("worker.label app",),
        left="<environment>_worker",
        right=r"[A-Za-z0-9][A-Za-z0-9._-]{0,53}-<hash>",
        what="A label that Kubernetes would refuse is shortened, and ends in a hash.",
        reason="Docker's labels are free text; Kubernetes' have 63 characters of "
        "letters, digits, `.`, `_` and `-`.",
        link=f"{_KUBE}/concepts/overview/working-with-objects/labels/"
        "#syntax-and-character-set",
        seen_in="environment-odd-name",
        only_in=("environment-odd-name",),
    ),
    Known(
        id="mount-io",
        fields=("worker.mount /io source",),
        left="bind",
        right=r"claim, jobs/<job>",
        what="/io is a directory of the host on Docker, and a directory of a volume on "
        "Kubernetes.",
        reason="A pod may run on another node than the wrapper, so the directory has "
        "to be on storage that both mount.",
        link=f"{_KUBE}/concepts/storage/volumes/#using-subpath",
        seen_in="worker-given",
    ),
    Known(
        id="mount-grids",
        fields=("worker.mount /transformation_grids source",),
        left="volume",
        right="claim",
        what="/transformation_grids is a volume of the engine, or a claim.",
        reason="Each is its backend's way to name storage.",
        link=f"{_KUBE}/concepts/storage/persistent-volumes/",
        seen_in="worker-given",
    ),
    Known(
        id="memory-request",
        fields=("worker.memory_request",),
        left="none",
        right=r"[1-9]\d+",
        what="On Kubernetes the memory limit is also the request.",
        reason="A limit without a request becomes one, and the scheduler needs it; "
        "Docker has no scheduler.",
        link=f"{_KUBE}/concepts/configuration/manage-resources-containers/"
        "#requests-and-limits",
        seen_in="memory-in-gigabytes",
    ),
    Known(
        id="dollar-in-arguments",
        fields=("worker.arguments",),
        left=r".*\$\(.*",
        right=r".*\$\$\(.*",
        what="In a Job's arguments, `$(` is written `$$(`.",
        reason="The kubelet would expand `$(VAR)`. What the worker gets is equal: "
        "`probe.argv`.",
        link=f"{_KUBE}/tasks/inject-data-application/"
        "define-command-argument-container/#use-environment-variables-to-define-arguments",
        seen_in="arguments-byte-for-byte",
        unless="probe.argv",
    ),
    Known(
        id="log-not-utf8",
        fields=("row.output", "worker.log"),
        left=r".*\ufffd.*",
        right=r".*\\x[0-9a-f]{2}.*",
        what="Bytes of a log that are not UTF-8 are lost on Docker and kept on "
        "Kubernetes, where `output` shows them as `\\xff`.",
        reason="Docker's log driver writes JSON, in which there is no place for them.",
        link=f"{_DOCKER}/engine/logging/drivers/json-file/",
        seen_in="log-not-utf8",
        only_in=("log-not-utf8",),
    ),
    Known(
        id="killed-by-whom",
        fields=("feedback.error_type", "feedback.error_hint"),
        left=r"DOCKER_ENGINE_SIGKILL|.*the engine's events.*",
        right=r"K8S_JOB_SIGKILL|.*kubelet.*",
        what="A worker that was killed from outside has another `error_type`.",
        reason="QFieldCloud names the backend in it; where to look is different too.",
        link=f"{_KUBE}/tasks/debug/debug-application/debug-running-pod/",
        seen_in="killed",
    ),
    Known(
        id="image-missing-no-container",
        fields=("row.container_id", "row.writes", "worker.*", "workers"),
        left=rf"{_ABSENT}|null|0||"
        r"queued\(\) → started\((container_id, )?started_at\) → .*",
        what="Where the image is missing, Docker makes no container; Kubernetes makes "
        "Job and pod, whose image can't be pulled.",
        reason="The engine pulls at the client's wish before a container is made, the "
        "kubelet pulls after the pod was scheduled.",
        link=f"{_KUBE}/concepts/containers/images/#imagepullbackoff",
        seen_in="image-missing",
        only_in=("image-missing", "image-denied", "image-unreachable"),
        proofs=("simulated",),
    ),
    Known(
        id="image-missing-words",
        fields=("feedback.error",),
        right=r".*(ErrImagePull|ImagePullBackOff|ErrImageNeverPull).*",
        what="Each backend has its own words for an image that can't be had.",
        reason="They are passed on, since operators search for them.",
        link=f"{_KUBE}/concepts/containers/images/#imagepullbackoff",
        seen_in="image-missing",
        only_in=("image-missing", "image-denied", "image-unreachable"),
        proofs=("simulated",),
    ),
    Known(
        id="words-of-a-fault",
        fields=("feedback.error", "row.output"),
        left=r"create containers: .*|\[QFC/Worker/1001\].*context deadline exceeded.*",
        right=r"create jobs: .*|\[QFC/Worker/1001\].*etcdserver: .*",
        what="Each backend and its client have their own words for a call that fails.",
        reason="They are passed on, since operators search for them.",
        link=f"{_KUBE}/reference/using-api/api-concepts/",
        seen_in="backend-gone",
        only_in=("backend-gone", "log-gone"),
    ),
    Known(
        id="log-of-removed",
        fields=("first wrapper's log",),
        left=r".*(404|409) Client Error.*",
        what="A worker that a sweep removes has lost its log on Docker.",
        reason="The log goes with the container; Docker's `wait` returns when it is "
        "gone, the watch of a pod when it is still there.",
        link=f"{_DOCKER}/reference/cli/docker/container/rm/",
        seen_in="sweep-removes-orphan",
        sure=False,
        only_in=("sweep-removes-orphan",),
    ),
    Known(
        id="slash-in-name",
        fields=("later wrappers' logs",),
        left=r".*Worker /<worker> .*",
        right=r".*Worker <worker> .*",
        what="Docker's names begin with a slash, also in the wrapper's log.",
        reason="The Engine API writes them so.",
        link=f"{_DOCKER}/reference/api/engine/",
        seen_in="sweep-removes-orphan",
    ),
)
