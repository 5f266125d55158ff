"""The command that runs one cell again, alone, as it was run."""

import shlex
from collections.abc import Iterator

from ..scenario.cells import Cell
from ..settings import Settings
from ..subject.locate import Subject

OURS = "worker_wrapper"
_OPTIONS = {
    "docker_engine": ("worker_image",),
    "kind_cluster": ("worker_image", "wrapper", "app_image"),
    "kubeconfig": (
        *("kubeconfig", "context", "namespace"),
        *("app_image", "probe_image", "worker_image"),
    ),
}
"""What of the settings an environment heeds that the command line can say."""
_USUAL = Settings.__dataclass_fields__


def repeat_command(cell: Cell, subject: Subject, settings: Settings) -> str:
    """The command, with all that was said of subject and environment.

    It doesn't matter whether an option said it or a variable, for who repeats a cell
    may not have the variables.
    """
    command = ["qfc-harness", "run", str(cell.path), "--backend", cell.backend]
    command += ["--environment", cell.environment, *_said(cell, settings)]
    if subject.name != OURS:
        command += ["--subject", subject.name]
    if subject.profile_path is not None:
        command += ["--profile", str(subject.profile_path)]
    return shlex.join([*_variables(cell, settings), *command])


def _said(cell: Cell, settings: Settings) -> Iterator[str]:
    for name in _OPTIONS.get(cell.environment, ()):
        value = str(getattr(settings, name))
        if value and value != _USUAL[name].default:
            yield from (f"--{name.replace('_', '-')}", value)


def _variables(cell: Cell, settings: Settings) -> Iterator[str]:
    """Pace and seed, which no option says."""
    simulated = cell.environment == "simulated"
    changed = [
        f"QFC_HARNESS_{name.upper()}={getattr(settings, name)}"
        for name in (("pace", "seed") if simulated else ("seed",))
        if getattr(settings, name) != _USUAL[name].default
    ]
    if changed:
        yield from ("env", *changed)
