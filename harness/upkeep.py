"""``up``, ``down``, ``status`` and ``gc``: environments beyond one run."""

from collections.abc import Callable
from typing import Any

from .environment import garbage, keeping, registry
from .environment.garbage import Swept
from .environment.keeping import Keeper, Kept
from .errors import EnvironmentMissing, UsageError
from .settings import Settings
from .standin import run_record

Say = Callable[[str], None]


def up(settings: Settings, name: str, nodes: int, say: Say) -> None:
    """Keep an environment, or all that this machine can have.

    :param name: "" for all
    :raises EnvironmentMissing: what was named can't be had, or nothing can
    """
    made, missing = 0, []
    for one, keeper in _keepers(name).items():
        try:
            kept, new = keeping.up(settings, one, keeper, nodes)
        except EnvironmentMissing as error:
            if name:
                raise
            say(f"{one}: {error}")
            missing.append(one)
            continue
        made += 1
        say(f"{'made' if new else 'there already'}: {describe(kept)}")
    if not made:
        raise EnvironmentMissing(
            f"No environment can be kept here: {', '.join(missing)}.",
            "`qfc-harness doctor` says what each needs.",
        )


def down(settings: Settings, name: str, say: Say) -> None:
    """Remove what is kept.

    :raises EnvironmentMissing: a run uses it
    """
    for one, keeper in _keepers(name).items():
        gone = keeping.down(settings, one, keeper)
        say(f"{one}: {'removed' if gone else 'none was kept'}")


def status(settings: Settings, say: Say) -> None:
    """What is kept, which runs go on, and which are to be cleared up after."""
    found = state(settings)
    for name, kept in found["kept"].items():
        say(kept["words"] if kept else f"{name}: none is kept")
    say(f"runs that go on: {', '.join(found['running']) or 'none'}")
    if found["killed"]:
        dead = ", ".join(found["killed"])
        say(f"runs that were killed: {dead}; qfc-harness gc looks for what they left")


def state(settings: Settings) -> dict[str, Any]:
    """The same as data: ``kept`` by name (None: none is), ``running``, ``killed``."""
    kept: dict[str, Any] = {}
    for name, keeper in registry.KEEPERS.items():
        one = keeping.look(settings, name, keeper)
        kept[name] = one and {
            "id": one.id,
            "nodes": one.nodes,
            "since": str(one.since),
            "in_use": one.in_use,
            "wrong": one.wrong,
            "words": describe(one),
        }
    with run_record.dead(settings) as records:
        dead = [record.run_id for record in records]
    return {"kept": kept, "running": sorted(run_record.alive(settings)), "killed": dead}


def describe(kept: Kept) -> str:
    """One line on an environment that is kept."""
    state = kept.wrong.rstrip(".") or ("in use" if kept.in_use else "ready")
    nodes = f", {kept.nodes} nodes" if kept.nodes > 1 else ""
    return f"{kept.name}: {state}; id {kept.id}{nodes}, since {kept.since}"


def gc(settings: Settings, say: Say, *, dry: bool) -> bool:
    """Remove what killed runs left; whether all of it could be."""
    swept: Swept = garbage.collect(settings, dry=dry)
    verb = "would remove" if dry else "removed"
    for thing in swept.removed:
        say(f"{verb} {thing.kind} {thing.name} (run {thing.run_id})")
    for thing, reason in swept.failed:
        say(f"not removed: {thing.kind} {thing.name} (run {thing.run_id}): {reason}")
    for reason in swept.not_looked:
        say(f"not looked: {reason}")
    if not swept.removed and not swept.failed:
        # "not looked" above it is no proof
        seen = "nothing else" if swept.not_looked else "nothing"
        say(f"{seen} is left of killed runs")
    return not swept.failed


def _keepers(name: str) -> dict[str, Keeper]:
    if not name:
        return registry.KEEPERS
    if name not in registry.KEEPERS:
        known = ", ".join(registry.KEEPERS)
        raise UsageError(f"{name}: nothing can be kept of it.", f"There are: {known}.")
    return {name: registry.KEEPERS[name]}
