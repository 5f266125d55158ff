"""Settings to be added to QFieldCloud's ``settings.py``, or to the environment.

Only the backend has to be set. The rest shows what can be written, not what should be:
take the lines that you need. Names of volumes and accounts, and all times but
HAND_OVER_S, are the defaults; what else is not set is left out of the worker's pod. In
the environment lists and objects are written as JSON, names of several Secrets with
commas.
"""

QFIELDCLOUD_WORKER_BACKEND = "kubernetes"  # docker (default), kubernetes or k8s

# Where the wrapper works, and as whom
QFIELDCLOUD_K8S_NAMESPACE = "qfieldcloud"  # unset: default
QFIELDCLOUD_K8S_SERVICE_ACCOUNT = "qfieldcloud-worker"  # the wrapper's own
QFIELDCLOUD_K8S_WORKER_SERVICE_ACCOUNT = "qfieldcloud-worker-pod"  # without any
# rights; unset: the namespace's account "default"
QFIELDCLOUD_K8S_KUBECONFIG = ""  # a file; "" for the pod's own ServiceAccount
QFIELDCLOUD_K8S_CONTEXT = ""  # one of the kubeconfig's

# Volumes
QFIELDCLOUD_K8S_IO_PVC = "qfieldcloud-worker-io"  # ReadWriteMany
QFIELDCLOUD_K8S_IO_MOUNT_PATH = "/qfieldcloud-io"  # where the wrapper's pod mounts it
# the wrapper mounts this directory of the claim, not its root; a worker's /io is always
# one directory below it (subPath): it must not see those of other jobs
QFIELDCLOUD_K8S_IO_SUB_PATH = "worker-io"  # unset: its root
QFIELDCLOUD_K8S_TRANSFORMATION_GRIDS_PVC = "transformation-grids"  # "" for none

# The worker's pod
QFIELDCLOUD_K8S_IMAGE_PULL_POLICY = "Always"  # IfNotPresent (default), Never
QFIELDCLOUD_K8S_IMAGE_PULL_SECRETS = ["registry-credentials"]
QFIELDCLOUD_K8S_RUN_AS_USER = 1000  # unset: the image's; the wrapper needs the same
QFIELDCLOUD_K8S_RUN_AS_GROUP = 1000
QFIELDCLOUD_K8S_FS_GROUP = 1000
QFIELDCLOUD_K8S_NODE_SELECTOR = {"pool": "gis"}
QFIELDCLOUD_K8S_TOLERATIONS = [
    {"key": "gis", "operator": "Exists", "effect": "NoSchedule"}
]
QFIELDCLOUD_K8S_AFFINITY = {
    "podAntiAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {
                "weight": 1,
                "podAffinityTerm": {
                    "labelSelector": {"matchLabels": {"team": "gis"}},
                    "topologyKey": "kubernetes.io/hostname",
                },
            }
        ]
    }
}
QFIELDCLOUD_K8S_PRIORITY_CLASS = "qfieldcloud-worker"
QFIELDCLOUD_K8S_RUNTIME_CLASS = "gvisor"
QFIELDCLOUD_K8S_EXTRA_LABELS = {"team": "gis"}
QFIELDCLOUD_K8S_EXTRA_ANNOTATIONS = {"example.org/contact": "gis@example.org"}
QFIELDCLOUD_K8S_INLINE_ENV = False  # True where the Role can't create Secrets

# Memory's limit and CPU's weight are QFieldCloud's WORKER_QGIS_MEMORY_LIMIT and
# WORKER_QGIS_CPU_SHARES, in Docker's units; these are Kubernetes quantities
QFIELDCLOUD_K8S_CPU_REQUEST = "250m"  # unset: of the weight, 512 is 500m
QFIELDCLOUD_K8S_CPU_LIMIT = "2"  # unset: none, as on Docker
QFIELDCLOUD_K8S_MEMORY_REQUEST = "500Mi"  # unset: the limit

# Times; that of the run itself is QFieldCloud's WORKER_TIMEOUT_S
QFIELDCLOUD_K8S_SCHEDULE_TIMEOUT_S = 300  # until a node is found, quotas included
QFIELDCLOUD_K8S_START_TIMEOUT_S = 300  # until it runs there, image pull included
QFIELDCLOUD_K8S_NODE_LOST_S = 60  # until a node that is silent is given up
QFIELDCLOUD_K8S_TTL_S = 3600  # until a Job that nobody removed goes

# Both backends
QFIELDCLOUD_WORKER_LOG_KEEP_BYTES = 1024**2  # of the head, and of the tail, of a log
QFIELDCLOUD_WORKER_ADOPT = True  # finish the jobs of wrappers that crashed
QFIELDCLOUD_WORKER_PICKED_GRACE_S = 60  # until a job that was picked and not begun
# is given back; between the two lie milliseconds, if its wrapper lives
QFIELDCLOUD_WORKER_FORMER_BACKEND = ""  # "docker": its jobs are finished after a switch
QFIELDCLOUD_WORKER_HAND_OVER_S = 30  # after SIGTERM; unset: finish the job in hand
QFIELDCLOUD_WORKER_API_TIMEOUT_S = 30  # until a call that is silent is given up
QFIELDCLOUD_WORKER_API_PATIENCE_S = 120  # until an API that is gone fails the job
QFIELDCLOUD_WORKER_WATCH_S = 30  # until a watch is renewed, which may be dead unnoticed
QFIELDCLOUD_WORKER_DELTA_COMMAND = ""  # apply_deltas where the image knows no other
QFIELDCLOUD_WORKER_TMP_DIRECTORY = "/tmp"  # noqa: S108 (Docker: on the engine's host too)
