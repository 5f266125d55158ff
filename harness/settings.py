"""The harness's settings, read from the environment here and nowhere else."""

import difflib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .errors import UsageError

PACES = ("fast", "real")
WRAPPERS = ("pod", "host")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Frozen at the start of a command."""

    temporary: Path
    """``TMPDIR``: runs make their directories here."""
    cache: Path
    """``QFC_HARNESS_CACHE``: the database's template and the like; may be deleted any
    time; else ``qfc-harness`` in ``XDG_CACHE_HOME``, which is ``~/.cache``."""
    state: Path | None = None
    """``QFC_HARNESS_STATE``: records of runs, environments that are kept. Else
    ``qfc-harness`` in ``XDG_STATE_HOME``, which is ``~/.local/state``."""
    shared: Path | None = None
    """Where the workers of one pytest-xdist session share what they start."""
    nodes: int = 1
    """How many nodes the chosen scenarios need, all of them."""
    least_nodes: int = 1
    """With how many nodes a cluster that is kept is still worth to be used."""
    database_url: str = ""
    """``QFC_HARNESS_DATABASE_URL``: a PostgreSQL in place of the embedded one."""
    pace: str = "fast"
    """``QFC_HARNESS_PACE``: ``real`` for the delays that Kubernetes really has."""
    seed: int = 1
    """``QFC_HARNESS_SEED``: for the simulator's ids."""
    keep: bool = False
    """``QFC_HARNESS_KEEP``: leave the run's directory, to look into it."""
    worker_image: str = ""
    """``QFC_HARNESS_WORKER_IMAGE``: in place of the worker that is built here, where
    workers are containers (``--worker-image``)."""
    wrapper: str = "pod"
    """``QFC_HARNESS_WRAPPER``: where the wrapper runs in a real cluster: in a ``pod``,
    as in production, or on the ``host`` (``--wrapper``)."""
    relay: bool = False
    """``QFC_HARNESS_RELAY``: have workers on a Docker Engine reach the stand-in through
    a container, also where they reach this machine."""
    app_image: str = ""
    """``QFC_HARNESS_APP_IMAGE``: of the wrapper's pod and the stand-in's, in place of
    the one that is built from fixtures/qfieldcloud_app (``--app-image``)."""
    probe_image: str = ""
    """``QFC_HARNESS_PROBE_IMAGE``: of fixtures/probe, where a cluster can pull it."""
    kubeconfig: str = ""
    """``QFC_HARNESS_KUBECONFIG``: how to reach a cluster (``--kubeconfig``); else
    ``KUBECONFIG``, else ``~/.kube/config``."""
    context: str = ""
    """``QFC_HARNESS_CONTEXT``: one of the kubeconfig's; else its current one
    (``--context``)."""
    namespace: str = ""
    """``QFC_HARNESS_NAMESPACE``: the one to use of that cluster (``--namespace``)."""
    docker_host: str = ""
    """``DOCKER_HOST``: the Docker Engine; else as the docker command finds it."""
    kind_bin: str = ""
    """``QFC_HARNESS_KIND_BIN``: the command kind, where it isn't on ``PATH``."""
    kind_image: str = ""
    """``QFC_HARNESS_KIND_IMAGE``: of a cluster's nodes, in place of kind's own."""
    path: str = ""
    """``PATH``: where docker, kind and kubectl are looked for."""


PREFIX = "QFC_HARNESS_"
NAMES = frozenset(
    PREFIX + name
    for name in (
        "APP_IMAGE",
        "CACHE",
        "CONTEXT",
        "DATABASE_URL",
        "KEEP",
        "KIND_BIN",
        "KIND_IMAGE",
        "KUBECONFIG",
        "NAMESPACE",
        "PACE",
        "PROBE_IMAGE",
        "RELAY",
        "SEED",
        "STATE",
        "WORKER_IMAGE",
        "WRAPPER",
    )
)
"""Of the variables that are read below; any other with the prefix is misspelt."""
AGENT_TOKEN = "QFC_AGENT_TOKEN"  # noqa: S105 (its name)
POD_IP = "QFC_POD_IP"


@dataclass(frozen=True, kw_only=True, slots=True)
class PodSettings:
    """What the harness's programs in a pod are told by its manifest."""

    token: str = field(repr=False)
    """What a request of the harness carries (``QFC_AGENT_TOKEN``)."""
    address: str
    """The pod's own (``QFC_POD_IP``), where its program needs it."""
    api: tuple[str, int]
    """Host and port of the API server, as every pod is told."""
    environ: Mapping[str, str] = field(repr=False)
    """The container's environment without what is the harness's."""


def in_pod(environ: Mapping[str, str] | None = None) -> PodSettings:
    """Read the settings of a program in a pod."""
    env = os.environ if environ is None else environ
    own = {AGENT_TOKEN, POD_IP}
    return PodSettings(
        token=env[AGENT_TOKEN],
        address=env.get(POD_IP, ""),
        api=(
            env.get("KUBERNETES_SERVICE_HOST", ""),
            int(env.get("KUBERNETES_SERVICE_PORT") or 443),
        ),
        environ={name: value for name, value in env.items() if name not in own},
    )


def from_environ(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; nothing else of the harness looks at the environment.

    :raises UsageError: a variable has a value that it can't have, or a name that only
        looks like a setting's
    """
    env = os.environ if environ is None else environ
    _refuse_strange_names(env)
    cache_home = env.get("XDG_CACHE_HOME") or str(Path(env.get("HOME", "/")) / ".cache")
    cache = Path(env.get("QFC_HARNESS_CACHE") or f"{cache_home}/qfc-harness")
    state_home = env.get("XDG_STATE_HOME") or f"{env.get('HOME', '/')}/.local/state"
    state = Path(env.get("QFC_HARNESS_STATE") or f"{state_home}/qfc-harness")
    return Settings(
        temporary=Path(env.get("TMPDIR") or _default_temporary()).absolute(),
        cache=cache.absolute(),
        state=state.absolute(),
        database_url=env.get("QFC_HARNESS_DATABASE_URL", ""),
        pace=_one_of(PACES, env, "QFC_HARNESS_PACE"),
        seed=_whole_number(env, "QFC_HARNESS_SEED", 1),
        keep=_switch(env, "QFC_HARNESS_KEEP"),
        worker_image=env.get("QFC_HARNESS_WORKER_IMAGE", ""),
        wrapper=_one_of(WRAPPERS, env, "QFC_HARNESS_WRAPPER"),
        relay=_switch(env, "QFC_HARNESS_RELAY"),
        app_image=env.get("QFC_HARNESS_APP_IMAGE", ""),
        probe_image=env.get("QFC_HARNESS_PROBE_IMAGE", ""),
        kubeconfig=env.get("QFC_HARNESS_KUBECONFIG")
        or env.get("KUBECONFIG")
        or f"{env.get('HOME', '/')}/.kube/config",
        context=env.get("QFC_HARNESS_CONTEXT", ""),
        namespace=env.get("QFC_HARNESS_NAMESPACE", ""),
        docker_host=env.get("DOCKER_HOST", ""),
        kind_bin=env.get("QFC_HARNESS_KIND_BIN", ""),
        kind_image=env.get("QFC_HARNESS_KIND_IMAGE", ""),
        path=env.get("PATH", os.defpath),
    )


def _refuse_strange_names(env: Mapping[str, str]) -> None:
    for name in sorted(env):
        if name.startswith(PREFIX) and name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, n=1, cutoff=0)[0]
            raise UsageError(
                f"{name}: there is no such setting.",
                f"Did you mean {near}? docs/reference/settings.md lists them all.",
            )


def with_options(settings: Settings, options: Mapping[str, str | None]) -> Settings:
    """The settings with what the command line says besides; "" says nothing.

    :raises UsageError: an option has a value that it can't have
    """
    said = {name: value for name, value in options.items() if value}
    if said.get("wrapper", WRAPPERS[0]) not in WRAPPERS:
        raise UsageError(
            f"--wrapper {said['wrapper']}: there is no such value.",
            f"Say {' or '.join(WRAPPERS)}.",
        )
    return replace(settings, **said)  # type: ignore[arg-type]


def _default_temporary() -> str:
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:  # all of them are full; what needs one says so
        return "/tmp"  # noqa: S108


def _one_of(known: tuple[str, ...], env: Mapping[str, str], name: str) -> str:
    value = env.get(name) or known[0]
    if value not in known:
        raise UsageError(
            f"{name}={value}: there is no such value.", f"Say {' or '.join(known)}."
        )
    return value


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in ("", "0", "false", "no", "off"):
        return False
    if value in ("1", "true", "yes", "on"):
        return True
    raise UsageError(
        f"{name}={env[name]}: neither on nor off.", f"Say {name}=1, or unset it."
    )


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name) or default)
    except ValueError:
        raise UsageError(
            f"{name}={env[name]}: not a whole number.", f"Say for example {name}=7."
        ) from None
