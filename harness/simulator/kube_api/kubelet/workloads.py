"""From a pod's container to what the runtime runs."""

from collections.abc import Mapping
from pathlib import Path

from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.kubelet import expansion
from harness.simulator.kube_api.kubelet.problems import config_error
from harness.simulator.kube_api.kubelet.volumes import Volume, sub_path
from harness.simulator.kube_api.objects import Object, name_of, namespace_of, uid_of
from harness.simulator.runtime import Image, Mount, StartError, StartFailure, Workload
from harness.simulator.runtime.workload import DEFAULT_PATH

_MOST_HOSTNAME = 63
_LEAST_SHARES = 2
_FAILED = (
    "failed to create containerd task: failed to create shim task: OCI runtime create "
    "failed: runc create failed: unable to start container process: "
)


def build(
    pod: Object,
    container: Object,
    image: Image,
    *,
    env: Mapping[str, str],
    volumes: Mapping[str, Volume],
    own_files: Mapping[str, Path],
) -> Workload:
    """Return the workload; raise NotYetError for a configuration that can't be.

    `own_files` are files that the kubelet has made for the container, by their place.
    """
    hostname = host_name(pod)
    whole = {
        "PATH": DEFAULT_PATH,
        "HOSTNAME": hostname,
        **image.env,
        **env,
    }
    argv = _argv(container, image, env)
    if not argv:
        raise config_error("no command specified")
    mounts, tmpfs = _mounts(container, volumes, env)
    mounts += [Mount(source=path, target=place) for place, path in own_files.items()]
    resources = container.get("resources") or {}
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    memory, cpu = limits.get("memory"), limits.get("cpu")
    return Workload(
        image=image,
        argv=argv,
        env=whole,
        cwd=container.get("workingDir") or image.workdir,
        user=_user(pod, container, image),
        hostname=hostname,
        mounts=tuple(mounts),
        tmpfs=tmpfs,
        memory_limit=quantity.parse(memory).ceil() or None if memory else None,
        cpu_weight=shares(requests.get("cpu", cpu)),
        cpu_quota=quantity.parse(cpu).milli() / 1000 if cpu else None,
        name=f"{namespace_of(pod)}/{name_of(pod)}/{container['name']}",
    )


def hosts_file(pod_ip: str, hostname: str) -> str:
    """Return `/etc/hosts` as the kubelet writes it."""
    lines = (
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "fe00::0\tip6-localnet",
        "fe00::0\tip6-mcastprefix",
        "fe00::1\tip6-allnodes",
        "fe00::2\tip6-allrouters",
        f"{pod_ip}\t{hostname}",
    )
    return "\n".join(lines) + "\n"


def host_name(pod: Object) -> str:
    """Return what `hostname` prints in the pod."""
    name: str = pod["spec"].get("hostname") or name_of(pod)
    return name[:_MOST_HOSTNAME].rstrip("-.")


def shares(request: str | None) -> int:
    """Return the cgroup weight of a CPU request: 1024 for a core, at least 2."""
    if request is None:
        return _LEAST_SHARES
    return max(quantity.parse(request).milli() * 1024 // 1000, _LEAST_SHARES)


def start_error(problem: StartError) -> str:
    """Return the message that containerd and runc give for a failed start."""
    texts = {
        StartFailure.NOT_FOUND: (
            f'exec: "{problem.subject}": stat {problem.subject}: no such file or '
            "directory"
        ),
        StartFailure.NOT_IN_PATH: (
            f'exec: "{problem.subject}": executable file not found in $PATH'
        ),
        StartFailure.NOT_EXECUTABLE: f'exec: "{problem.subject}": permission denied',
        StartFailure.IS_DIRECTORY: f'exec: "{problem.subject}": permission denied',
        StartFailure.BAD_CWD: (
            f"error during container init: mkdir {problem.subject}: not a directory"
        ),
    }
    text = texts.get(problem.kind)
    return f"{_FAILED}{text}: unknown" if text else f"{_FAILED}{problem.message}"


def _argv(container: Object, image: Image, env: Mapping[str, str]) -> tuple[str, ...]:
    command, args = container.get("command"), container.get("args")
    entry = [expansion.expand(part, env) for part in command or ()]
    rest = [expansion.expand(part, env) for part in args or ()]
    if entry:
        return (*entry, *rest)
    return (*image.entrypoint, *(rest if args else image.cmd))


def _mounts(
    container: Object, volumes: Mapping[str, Volume], env: Mapping[str, str]
) -> tuple[list[Mount], dict[str, int]]:
    mounts: list[Mount] = []
    tmpfs: dict[str, int] = {}
    for item in container.get("volumeMounts") or ():
        volume = volumes[item["name"]]
        target = item["mountPath"]
        if not target.startswith("/"):
            target = f"/{target}"
        relative = item.get("subPath") or expansion.expand(
            item.get("subPathExpr", ""), env
        )
        if volume.memory is not None and not relative:
            tmpfs[target] = volume.memory
            continue
        source = volume.path
        if volume.made_by_runtime and not relative:
            source.mkdir(parents=True, exist_ok=True, mode=0o755)
        if relative:
            if not source.exists():  # the kubelet asks for its mode, and says no more
                raise config_error(f"stat {volume.on_node}: no such file or directory")
            try:
                source = sub_path(volume, relative)
            except OSError:
                raise config_error(
                    "failed to create subPath directory for volumeMount "
                    f'"{item["name"]}" of container "{container["name"]}"'
                ) from None
        read_only = volume.read_only or bool(item.get("readOnly"))
        mounts.append(Mount(source=source, target=target, read_only=read_only))
    return mounts, tmpfs


def _user(pod: Object, container: Object, image: Image) -> str:
    """Return uid[:gid]; raise where the pod must not run as root but would."""
    own = container.get("securityContext") or {}
    shared = pod["spec"].get("securityContext") or {}

    def setting(key: str) -> int | bool | None:
        value: int | bool | None = own.get(key, shared.get(key))
        return value

    uid, gid = setting("runAsUser"), setting("runAsGroup")
    user = str(uid) if uid is not None else image.user
    if setting("runAsNonRoot"):
        _check_not_root(pod, container, user, explicit=uid is not None)
    if gid is None:
        return user
    return f"{user.partition(':')[0] or '0'}:{gid}"


def _check_not_root(
    pod: Object, container: Object, user: str, *, explicit: bool
) -> None:
    where = (
        f'(pod: "{name_of(pod)}_{namespace_of(pod)}({uid_of(pod)})", '
        f"container: {container['name']})"
    )
    name = user.partition(":")[0]
    if explicit and name == "0":
        raise config_error("container's runAsUser breaks non-root policy " + where)
    if not name or name == "0":
        raise config_error(
            f"container has runAsNonRoot and image will run as root {where}"
        )
    if not name.isdigit():
        raise config_error(
            f"container has runAsNonRoot and image has non-numeric user ({name}), "
            f"cannot verify user is non-root {where}"
        )


def grace_seconds(pod: Object) -> float:
    """Return how long a container may take to stop."""
    asked = pod["metadata"].get("deletionGracePeriodSeconds")
    own = pod["spec"].get("terminationGracePeriodSeconds", 30)
    return float(own if asked is None else asked)
