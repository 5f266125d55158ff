"""Environments that outlive a run: kept by ``up``, or shared by xdist's workers.

Each lies in a directory of its own, below the state directory or below the one that
pytest's controller made. A run that uses one holds its lock together with others;
whoever makes or removes one holds it alone.
"""

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

from ..errors import EnvironmentMissing, HarnessFailure
from ..settings import Settings
from ..standin import run_record
from ..standin.run_record import RunRecord, locked

FOLDER = "kept"
_LOCK = "lock"
_RECORD = "kept.json"


class Keeper(Protocol):
    """How one kind of environment is made to last."""

    def make(
        self, settings: Settings, directory: Path, keep_id: str, nodes: int
    ) -> None:
        """Make it; all that is made has the id as its label."""

    def state(self, settings: Settings, directory: Path) -> str:
        """ "" if it can be used, else what is wrong with it."""

    def remove(self, settings: Settings, directory: Path) -> None:
        """Remove all that was made; what is gone is no error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One environment that is there."""

    name: str
    id: str
    nodes: int
    since: str
    directory: Path
    wrong: str
    """Why it can't be used; "" if it can."""
    in_use: bool


def directory_of(settings: Settings, name: str) -> Path:
    """Where a kept environment lies."""
    if settings.state is None:
        raise HarnessFailure("There is no state directory.")
    try:
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentMissing(
            f"{settings.state} can't be made: {error.strerror}.",
            "Nothing can be kept without it: set QFC_HARNESS_STATE to a directory "
            "that can be written.",
        ) from error
    return settings.state / FOLDER / name


def up(settings: Settings, name: str, keeper: Keeper, nodes: int) -> tuple[Kept, bool]:
    """Make an environment that lasts, if there is none yet; whether it was made.

    :raises EnvironmentMissing: it can't be made, or runs use it
    """
    directory = directory_of(settings, name)
    with locked(_lock(directory), wait=False):
        there = look(settings, name, keeper)
        if there and not there.wrong and there.nodes >= nodes:
            return there, False
        _remove(settings, directory, keeper)
        _make(settings, directory, keeper, nodes)
    made = look(settings, name, keeper)
    assert made is not None
    return made, True


def down(settings: Settings, name: str, keeper: Keeper) -> bool:
    """Remove a kept environment; whether there was one.

    :raises EnvironmentMissing: runs use it
    """
    directory = directory_of(settings, name)
    if not directory.exists():
        return False
    with locked(_lock(directory), wait=False):
        there = _read(directory) is not None
        _remove(settings, directory, keeper)
    return there


def look(settings: Settings, name: str, keeper: Keeper) -> Kept | None:
    """The kept environment of this name, if there is one."""
    if settings.state is None:
        return None
    directory = settings.state / FOLDER / name  # to look, nothing has to be made
    content = _read(directory)
    if content is None:
        return None
    return Kept(
        name=name,
        id=str(content["id"]),
        nodes=int(content["nodes"]),
        since=str(content["since"]),
        directory=directory,
        wrong=keeper.state(settings, directory),
        in_use=_held(directory),
    )


def ids(settings: Settings) -> set[str]:
    """The ids of all that is kept."""
    if settings.state is None:
        return set()
    found = (_read(path) for path in (settings.state / FOLDER).glob("*"))
    return {str(content["id"]) for content in found if content}


@contextmanager
def take(
    settings: Settings, name: str, keeper: Keeper, nodes: int
) -> Iterator[tuple[Path | None, str]]:
    """The directory of an environment that is kept or shared, as long as it is used.

    None if there is none, so that the run has to make its own; and what a user should
    know of that.
    """
    note = ""
    there = look(settings, name, keeper)
    if there and not there.wrong and there.nodes >= settings.least_nodes:
        note = f"kept since {there.since} (id {there.id})"
        if there.nodes < nodes:
            more = f"`qfc-harness up {name} --nodes {nodes}` keeps one for them"
            note += f"; scenarios that need {nodes} nodes are skipped: {more}"
        with locked(_lock(there.directory), shared=True):
            yield there.directory, note
        return
    if there:
        wrong = there.wrong or f"it has {there.nodes} node, {nodes} are needed"
        note = f"the kept one is not used: {wrong}"
    if settings.shared is None:
        yield None, note
        return
    directory = settings.shared / name
    with locked(_lock(directory)):  # the first worker makes it, the others wait
        content = _read(directory)
        if content is None or keeper.state(settings, directory):
            keep_id = (settings.shared / "id").read_text()
            keeper.remove(settings, directory)  # what a worker began that died
            _make(settings, directory, keeper, nodes, keep_id)
    yield directory, note


@contextmanager
def sharing(settings: Settings, keepers: Mapping[str, Keeper]) -> Iterator[Path]:
    """A place for what the workers of one session share; all in it goes at the end.

    Only the one who opens this removes it, so that a worker that dies takes nothing
    away from the others.
    """
    keep_id = secrets.token_hex(4)
    shared = settings.temporary / f"qfc-harness-{keep_id}-shared"
    shared.mkdir(mode=0o700)
    (shared / "id").write_text(keep_id)
    record = run_record.begin(settings, keep_id, shared)
    try:
        yield shared
    finally:
        for name, keeper in keepers.items():
            if (shared / name).exists():
                keeper.remove(settings, shared / name)
        shutil.rmtree(shared, ignore_errors=True)
        if record:
            record.forget()


def _make(
    settings: Settings,
    directory: Path,
    keeper: Keeper,
    nodes: int,
    shared_id: str = "",
) -> None:
    keep_id = shared_id or secrets.token_hex(4)
    record: RunRecord | None = None
    if not shared_id:  # if this is killed half-way, gc finds what it made
        record = run_record.begin(settings, keep_id, directory)
    try:
        directory.chmod(0o700)
        keeper.make(settings, directory, keep_id, nodes)
        content = {
            "id": keep_id,
            "nodes": nodes,
            "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        (directory / _RECORD).write_text(json.dumps(content))
    except BaseException:
        keeper.remove(settings, directory)
        raise
    finally:
        if record:
            record.forget()


def _remove(settings: Settings, directory: Path, keeper: Keeper) -> None:
    keeper.remove(settings, directory)
    (directory / _RECORD).unlink(missing_ok=True)
    for path in directory.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != _LOCK:
            path.unlink(missing_ok=True)


def _read(directory: Path) -> dict[str, Any] | None:
    try:
        content = json.loads((directory / _RECORD).read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _held(directory: Path) -> bool:
    try:
        with locked(_lock(directory), wait=False):
            return False
    except EnvironmentMissing:
        return True


def _lock(directory: Path) -> Path:
    return directory / _LOCK
