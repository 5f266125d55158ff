"""Every environment by its name; a new one is one file and one line here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..errors import EnvironmentMissing, UsageError
from ..scenario.schema import BACKENDS as BACKEND_NAMES
from ..scenario.schema import Backend
from ..settings import Settings
from ..standin.forkserver import ForkServer
from ..standin.run_directory import RunDirectory
from ..tap.tap import Tap
from . import docker_engine, kind_cluster, kubeconfig, simulated
from .keeping import Keeper
from .place import Started

Start = Callable[[Settings, RunDirectory, ForkServer, Tap], Started]

STARTS: dict[str, Start] = {
    simulated.NAME: simulated.Simulated,
    docker_engine.NAME: docker_engine.DockerEngine,
    kind_cluster.NAME: kind_cluster.KindEnvironment,
    kubeconfig.NAME: kubeconfig.KubeconfigEnvironment,
}
BACKENDS: dict[str, frozenset[Backend]] = {
    simulated.NAME: simulated.Simulated.backends,
    docker_engine.NAME: docker_engine.DockerEngine.backends,
    kind_cluster.NAME: kind_cluster.KindEnvironment.backends,
    kubeconfig.NAME: kubeconfig.KubeconfigEnvironment.backends,
}
KEEPERS: dict[str, Keeper] = {
    docker_engine.NAME: docker_engine.KEEPER,
    kind_cluster.NAME: kind_cluster.KEEPER,
}
"""Those that ``up`` keeps."""
_MISSING: dict[str, Callable[[Settings], str]] = {
    docker_engine.NAME: docker_engine.missing,
    kind_cluster.NAME: kind_cluster.missing,
}
BEST: dict[Backend, str] = {
    "docker": docker_engine.NAME,
    "kubernetes": kind_cluster.NAME,
}
"""What ``auto`` would like to have for each backend."""
PLANS: dict[str, Callable[[Settings], list[str]]] = {kubeconfig.NAME: kubeconfig.plan}
"""Those that say beforehand what they will make, since it isn't theirs."""
AUTO = "auto"
REAL = "real"
"""What ``--require`` can ask for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """An environment, and what it is to be used for."""

    name: str
    backends: frozenset[Backend]
    why: str = ""
    """Why ``auto`` took it."""


def choose(
    name: str,
    settings: Settings,
    *,
    require_real: bool = False,
    backends: Iterable[Backend] = BACKEND_NAMES,
) -> list[Choice]:
    """The environments that a name on the command line stands for.

    :param require_real: a simulated one is not good enough
    :param backends: those that are wanted; nothing is looked for that isn't
    :raises UsageError: there is none of this name
    :raises EnvironmentMissing: it is simulated, and must not be
    """
    if name == AUTO:
        lacking = {one: _MISSING[BEST[one]](settings) for one in backends}
        choices = best(lacking)
    elif name in STARTS:
        choices = [Choice(name=name, backends=BACKENDS[name])]
    else:
        known = ", ".join([*STARTS, AUTO])
        raise UsageError(f"--environment {name}: unknown.", f"There are: {known}.")
    for choice in choices:
        if require_real and choice.name == simulated.NAME:
            real = ", ".join(one for one in STARTS if one != simulated.NAME)
            raise EnvironmentMissing(
                f"--environment {name} is simulated, and the real thing is required. "
                f"{choice.why}".strip(),
                f"Name one of {real}. `qfc-harness doctor` says what each needs.",
            )
    return choices


def refuse_unused(name: str, options: Mapping[str, str]) -> None:
    """Refuse options of a cluster that the environment of this name doesn't look at.

    Whoever names a kubeconfig takes what follows for that cluster's.

    :raises UsageError: one is given
    """
    given = [option for option, value in options.items() if value]
    if given and name != kubeconfig.NAME:
        raise UsageError(
            f"{', '.join(given)}: only --environment {kubeconfig.NAME} looks at it, "
            f"and this is {name}.",
            f"Add --environment {kubeconfig.NAME}, or leave it away.",
        )


def refuse_real_only(name: str, options: Mapping[str, str]) -> None:
    """Refuse options that say what a real environment runs, where none is asked for.

    :raises UsageError: one is given
    """
    given = [option for option, value in options.items() if value]
    if given and name == simulated.NAME:
        raise UsageError(
            f"{', '.join(given)}: only a real environment looks at it, and this is "
            f"{name}.",
            "Add --environment docker_engine or kind_cluster, or leave it away.",
        )


def best(lacking: Mapping[Backend, str]) -> list[Choice]:
    """Each backend on the real thing where it is there, else simulated, and why.

    :param lacking: what keeps a backend from the real thing; "" for nothing
    """
    choices = [
        Choice(
            name=BEST[backend],
            backends=frozenset({backend}),
            why=f"auto: the best there is for {backend}",
        )
        for backend, reason in lacking.items()
        if not reason
    ]
    reasons = {backend: reason for backend, reason in lacking.items() if reason}
    if reasons:
        words = "; ".join(
            f"{backend} is not on {BEST[backend]}: {reason}"
            for backend, reason in reasons.items()
        )
        choices.append(
            Choice(
                name=simulated.NAME, backends=frozenset(reasons), why=f"auto: {words}"
            )
        )
    return choices
