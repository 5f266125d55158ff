"""The known differences between the simulator and the real thing: data alone.

Left is the simulator, right the real Docker Engine or the real cluster.
``docs/known-differences.md`` is made of it.
"""

from ..parity.known import ABSENT, Known

_ONE_OR_TWO_WAITS = (
    r"200(, 200)?|POST /containers/create\?name → POST /containers/\{id\}/start"
    r"( → POST /containers/\{id\}/wait){1,2} → DELETE /containers/\{id\}\?force,link,v"
)
_PERHAPS_FAILED = r"Created, (Failed, )?Pulled, Scheduled, Started, SuccessfulCreate"
_ABSENT = ABSENT.replace("(", r"\(").replace(")", r"\)")
_MAN = "https://man7.org/linux/man-pages"
_KUBE = "https://kubernetes.io/docs"
_BUBBLEWRAP = "https://github.com/containers/bubblewrap/blob/main/README.md"
REAL_JOBS = (
    "crash-while-applying",
    "create-project-layers",
    "delta-apply-conflict",
    "delta-apply-trees",
    "package-parcels",
    "package-trees",
    "process-projectfile-datum",
    "process-projectfile-survey",
    "process-projectfile-trees",
    "project-broken",
    "storage-used-up",
)
"""Scenarios whose worker is the real job, and not the probe."""
_STACK = ("project-broken", "storage-used-up")

KNOWN: tuple[Known, ...] = (
    Known(
        id="log-followed-or-not",
        fields=(
            "API GET /api/v1/namespaces/{namespace}/pods/{name}/log?container,follow",
        ),
        left=rf"{_ABSENT}|200",
        right=rf"{_ABSENT}|200",
        what="Whether the log of a short worker is followed.",
        reason="It is from when the worker is seen running. Where the kubelet's first "
        "look finds it at its end, that is not seen.",
        link=f"{_KUBE}/concepts/workloads/pods/pod-lifecycle/#container-states",
        seen_in="package-trees",
        backend="kubernetes",
        sure=False,
    ),
    Known(
        id="reason-stands-or-not",
        fields=("worker.states of pod",),
        left=r".*Pod Succeeded NodeStatusUnknown",
        right=r".*Pod Succeeded",
        what="Whether a status reason that somebody else wrote outlasts the pod's end.",
        reason="A kubelet lets it stand if it has heard of it by then; both were seen.",
        link=f"{_KUBE}/concepts/workloads/pods/pod-lifecycle/#pod-phase",
        seen_in="phase-unknown",
        backend="kubernetes",
        sure=False,
        only_in=("phase-unknown",),
    ),
    Known(
        id="secret-a-moment-late",
        fields=("worker.states of events",),
        left=_PERHAPS_FAILED,
        right=_PERHAPS_FAILED,
        what="A kubelet may look for a worker's Secret before it is there, and again.",
        reason="The wrapper makes it right after the Job that owns it; two clients of "
        "one API race.",
        link=f"{_KUBE}/concepts/configuration/secret/#restriction-secret-must-exist",
        seen_in="delta-worker-fails",
        backend="kubernetes",
        sure=False,
    ),
    Known(
        id="node-of-another-cell",
        fields=("feedback.error",),
        left=r".*untolerated taint \{qfc-harness/node-of: .*",
        right=r"No node after .*",
        what="A simulated cluster may have a tainted node more.",
        reason="A cell that loses its node has one of its own, beside other cells.",
        link=f"{_KUBE}/concepts/scheduling-eviction/taint-and-toleration/",
        seen_in="unschedulable-cpu",
        backend="kubernetes",
        sure=False,
        only_in=("unschedulable-cpu", "unschedulable-memory", "unschedulable-selector"),
    ),
    Known(
        id="given-up-at-some-moment",
        fields=("worker.exit_code", "worker.log", "worker.states*"),
        right=r"none|\(none\)|made → removed|Pod added → Pod Pending|"
        r"FailedScheduling, SuccessfulCreate",
        what="How far the worker had come when the wrapper gave up.",
        reason="A wrapper that may not watch ends the job at once; a worker may still "
        "wait for room on its node then.",
        link=f"{_KUBE}/concepts/scheduling-eviction/kube-scheduler/",
        seen_in="watch-refused",
        backend="kubernetes",
        sure=False,
        only_in=("watch-refused",),
    ),
    Known(
        id="engine",
        fields=("feedback.outputs.start_qgis_app",),
        left=r'.*"engine": "ogr".*',
        right=r'.*"engine": "qgis".*',
        what="A simulated worker has the `ogr` engine, a real one has QGIS.",
        reason="A simulator that pip installs has no QGIS. The check `worker.outputs` "
        "compares what both made of the job, value by value.",
        link="https://docs.qgis.org/latest/en/docs/pyqgis_developer_cookbook/intro.html",
        seen_in="package-trees",
    ),
    Known(
        id="memory-untold",
        fields=("worker.oom_killed", "feedback.error*", "worker.states*"),
        left=r"true|.*(OUT_OF_MEMORY|more memory|OOMKilled).*",
        right=r"false|.*(K8S_JOB_SIGKILL|was killed|Error 137).*",
        what="A real cluster may forget that a worker was killed for its memory.",
        reason="On cgroup v1, containerd drops the news where the container's cgroup "
        "is gone before it is read. Then nobody can tell, and `expect.error` takes "
        "`K8S_JOB_SIGKILL` for it.",
        link="https://github.com/containerd/containerd/blob/v1.6.20/pkg/oom/v1/v1.go",
        seen_in="out-of-memory",
        backend="kubernetes",
        sure=False,
        only_in=("out-of-memory",),
    ),
    Known(
        id="engine-log",
        fields=("row.output", "worker.log"),
        left=r".*(Engine ogr|characters, sha256).*",
        right=r".*(Engine qgis|characters, sha256).*",
        only_in=REAL_JOBS,
        what="The log names the engine, and tells what the engine itself said.",
        reason="Lines of two programs.",
        link="https://docs.qgis.org/latest/en/docs/pyqgis_developer_cookbook/intro.html",
        seen_in="package-trees",
        unless="feedback.container_exit_code",
    ),
    Known(
        id="engine-layers",
        fields=(
            "feedback.outputs.qfield_layer_data",
            "feedback.outputs.qgis_layers_data",
        ),
        left=r'\{"layers_by_id": .*',
        right=r'\{"layers_by_id": .*',
        what="The engines describe a layer in other words (`crs`, `provider`).",
        reason="The check `worker.outputs` compares them value by value, and has the "
        "reasons.",
        link="https://docs.qgis.org/latest/en/docs/pyqgis_developer_cookbook/intro.html",
        seen_in="package-trees",
        sure=False,
        only_in=("package-trees", "create-project-layers"),
    ),
    Known(
        id="engine-thumbnail",
        fields=("project.thumbnail",),
        left="[0-9a-f]{16}",
        right="[0-9a-f]{16}",
        what="The thumbnail's bytes differ.",
        reason="Two programs draw it; the check `worker.outputs` compares colours.",
        link="https://docs.qgis.org/latest/en/docs/user_manual/map_views/map_view.html",
        seen_in="process-projectfile-trees",
        only_in=(
            "process-projectfile-trees",
            "process-projectfile-survey",
            "process-projectfile-datum",
        ),
    ),
    Known(
        id="traceback",
        fields=("feedback.error_stack",),
        left=r"\[.*",
        right=r"\[.*",
        what="A worker's traceback has other files.",
        reason="Its Python and its packages lie elsewhere.",
        link="https://docs.python.org/3/library/traceback.html",
        seen_in="storage-used-up",
        only_in=_STACK,
    ),
    Known(
        id="interpreter",
        fields=("probe.process.executable", "probe.python"),
        left=r"/.*python[\d.]*|3\.\d+\.\d+",
        right=r"/usr/.*python[\d.]*|3\.\d+\.\d+",
        what="A simulated worker runs this machine's Python, a real one the image's.",
        reason="An image of the simulator is a directory with an entrypoint.",
        link="https://docs.python.org/3/library/sys.html#sys.executable",
        seen_in="worker-given",
    ),
    Known(
        id="image-env",
        fields=(
            "probe.env PIP_CERT",
            "probe.env REQUESTS_CA_BUNDLE",
            "probe.env SSL_CERT_FILE",
        ),
        left=_ABSENT,
        right=r"/etc/ssl/.*",
        what="A base image may name certificates in its environment.",
        reason="Those of a machine behind a proxy do; `image.json` has none.",
        link="https://docs.docker.com/reference/dockerfile/#env",
        seen_in="worker-given",
        sure=False,
    ),
    Known(
        id="sandbox-mounts",
        fields=("probe.other mount *",),
        left="read-only",
        right=_ABSENT,
        what="A simulated worker sees read-only mounts of this machine's `/etc` and "
        "Python.",
        reason="They take the place of the image's layers.",
        link=_BUBBLEWRAP,
        seen_in="worker-given",
    ),
    Known(
        id="sandbox-mount-options",
        fields=("probe.mount * options",),
        left="nosuid, nodev",
        right="none",
        what="Simulated mounts have the options `nosuid` and `nodev`.",
        reason="Whoever isn't root can't mount without them.",
        link=f"{_MAN}/man7/mount_namespaces.7.html",
        seen_in="worker-given",
    ),
    Known(
        id="sandbox-groups",
        fields=("probe.process.groups",),
        left=r"\[\]",
        right=r"\[\d+\]",
        what="A simulated worker has no supplementary groups, a real one its own.",
        reason="A user namespace that an ordinary user makes must forbid setgroups(2).",
        link=f"{_MAN}/man7/user_namespaces.7.html",
        seen_in="worker-given",
    ),
    Known(
        id="sandbox-no-new-privileges",
        fields=("probe.process.no_new_privileges",),
        left="true",
        right="false",
        what="A simulated worker can't gain privileges, whatever was asked.",
        reason="bubblewrap always sets PR_SET_NO_NEW_PRIVS. A set-uid program in a "
        "worker's image behaves otherwise here.",
        link=f"{_MAN}/man2/PR_SET_NO_NEW_PRIVS.2const.html",
        seen_in="worker-given",
        backend="docker",
    ),
    Known(
        id="sandbox-seccomp",
        fields=("probe.process.seccomp",),
        left="0",
        right="2",
        what="A simulated worker has no system call filter.",
        reason="What Docker's and containerd's default profiles forbid, no worker of "
        "QFieldCloud does.",
        link="https://docs.docker.com/engine/security/seccomp/",
        seen_in="worker-given",
    ),
    Known(
        id="service-port",
        fields=("probe.env KUBERNETES_*PORT*",),
        left=r"\d+",
        right="443",
        what="The Service `kubernetes` has the simulator's own port.",
        reason="There is no virtual address that would lead port 443 to it.",
        link=f"{_KUBE}/concepts/services-networking/service/#discovering-services",
        seen_in="worker-given",
        backend="kubernetes",
    ),
    Known(
        id="managed-fields",
        fields=("API POST * answers",),
        left=r".*metadata\((?!.*managedFields).*",
        right=r".*managedFields.*",
        what="Simulated objects have no `managedFields`.",
        reason="Server-side apply, which they are for, is refused; no wrapper reads "
        "them.",
        link=f"{_KUBE}/reference/using-api/server-side-apply/#field-management",
        seen_in="worker-given",
        backend="kubernetes",
    ),
    Known(
        id="removed-by-another",
        fields=(
            "API GET /containers/{id}/*",
            "API DELETE /containers/{id}*",
            "API POST /containers/{id}/stop*",
            "API changes in order",
            "first wrapper's log",
        ),
        what="Which answers a wrapper gets whose container a sweep removes meanwhile.",
        reason="Both run at the same time. Each of the answers (still there, being "
        "removed, gone) is recorded in `tests/conformance/docker/test_end.py`.",
        link="https://docs.docker.com/reference/cli/docker/container/rm/",
        seen_in="sweep-removes-orphan",
        backend="docker",
        sure=False,
        only_in=("sweep-removes-orphan",),
    ),
    Known(
        id="killed-before-it-waits",
        fields=("API POST /containers/{id}/wait", "API changes in order"),
        left=_ONE_OR_TWO_WAITS,
        right=_ONE_OR_TWO_WAITS,
        what="Whether a wrapper that is killed as its worker begins to run waited yet.",
        reason="The container's start is seen as an event, at the same time as the "
        "wrapper gets the answer to its start and asks for the end.",
        link="https://docs.docker.com/reference/cli/docker/system/events/",
        seen_in="crash-while-applying",
        backend="docker",
        sure=False,
        only_in=("crash-while-applying",),
    ),
    Known(
        id="grace-after-the-row",
        fields=(
            "worker.exit_code",
            "worker.ended",
            "worker.states",
            "worker.states of pod",
            "worker.log",
        ),
        what="The end of a worker whose row is gone was seen, or not yet.",
        reason="The wrapper doesn't wait for a pod that it deletes; a real kubelet "
        "takes its grace period and two seconds more, longer than is looked.",
        link=f"{_KUBE}/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        seen_in="row-deleted",
        sure=False,
        only_in=("row-deleted",),
    ),
    Known(
        id="never-started",
        fields=(
            "worker.states",
            "worker.states of pod",
            "worker.states of events",
            "worker.exit_code",
            "worker.log",
        ),
        what="How far a pod has come that the wrapper takes back at once.",
        reason="Scheduler and kubelet race with the wrapper's DELETE; a real volume "
        "takes longer to be bound.",
        link=f"{_KUBE}/concepts/workloads/pods/pod-lifecycle/",
        seen_in="without-create-secrets",
        sure=False,
        only_in=("without-create-secrets", "without-watch-pods"),
    ),
)
