"""The facts of a worker as its backend tells them: what it got, what became of it."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from ..environment.seen import WorkerSeen
from ..replay.observation import Observation
from . import states
from .tokens import Tokens

_HASH = re.compile(r"-[0-9a-f]{8}$")
"""Of what was too long or had other characters than a label may have."""
_ENDS_IT = {"kill_worker", "delete_worker"}
"""Events after which a worker doesn't run as long as its script says."""
ALWAYS_DIFFERENT = "QFIELDCLOUD_TOKEN"


def fields(seen: Observation, tokens: Tokens) -> Iterator[tuple[str, Any]]:
    """Name and value of each; nothing but the number where there isn't just one."""
    yield "workers", len(seen.workers)
    for number, worker in enumerate(seen.workers, start=1):
        prefix = "worker" if len(seen.workers) == 1 else f"worker {number}"
        for name, value in _fields(seen, worker, tokens):
            yield f"{prefix}.{name}", value


def _fields(
    seen: Observation, worker: WorkerSeen, tokens: Tokens
) -> Iterator[tuple[str, Any]]:
    yield from _given(seen, worker)
    yield "exit_code", "none" if worker.exit_code is None else worker.exit_code
    for name in ("oom_killed", "ended", "pods", "restarts"):
        yield name, getattr(worker, name)
    yield "removed", states.removed(worker)
    if worker.log is not None:
        yield "log", _log(worker, tokens)
    yield "states", " → ".join(states.common(worker))
    for name, path in states.own(worker, long=_is_long(seen)).items():
        yield f"states of {name}", path


def _is_long(seen: Observation) -> bool:
    scenario = seen.cell.scenario
    if scenario.worker == "job" or scenario.worker.run_s < states.LONG_S:
        return False
    if scenario.worker.memory is not None:
        return False  # it may be killed for it at once
    return not any(_ENDS_IT & set(one.deeds) for one in scenario.during)


def _log(worker: WorkerSeen, tokens: Tokens) -> str:
    """Its lines without their order: two streams are not always read in turn."""
    assert worker.log is not None
    if not worker.log.whole:
        return "not read to its end"
    return "\n".join(sorted(tokens(worker.log.text).splitlines()))


def _given(seen: Observation, worker: WorkerSeen) -> Iterator[tuple[str, Any]]:
    yield "name", worker.name
    yield "image", worker.image
    yield "arguments", None if worker.args is None else list(worker.args)
    yield "entrypoint", worker.replaced_entrypoint or "the image's"
    for name, value in worker.labels.items():
        yield f"label {name}", _HASH.sub("-<hash>", value)
    for name, value in worker.env.items():
        yield f"env {name}", env_value(seen, name, value)
    yield "env from", ", ".join(worker.env_sources) or "nowhere else"
    for mount in worker.mounts:
        writing = "read-only" if mount.read_only else "writable"
        yield f"mount {mount.target}", writing
        yield f"mount {mount.target} source", _source(mount.kind, mount.sub_path)
    yield "memory_limit", worker.memory_limit or "none"
    yield "memory_request", worker.memory_request or "none"
    yield "cpu_weight", worker.cpu_weight or "none"
    yield "cpu_cap", worker.cpu_cap or "none"


def _source(kind: str, sub_path: str) -> str:
    return f"{kind}, {sub_path}" if sub_path else kind


def env_value(seen: Observation, name: str, value: str) -> str:
    """A variable's value: a secret is told by whether it is the one that was given."""
    secrets = {**seen.arranged.secrets}
    if seen.arranged.pgservices:
        secrets["PGSERVICE_FILE_CONTENTS"] = seen.arranged.pgservices
    if name == ALWAYS_DIFFERENT:
        return "<token>" if value else "empty"
    if name not in secrets:
        return value
    given = secrets[name]
    if value == given:
        return "<as it was given>"
    if value.replace("$$", "$") == given.replace("$$", "$"):
        return "<as it was given, with $ doubled>"
    if sorted(value.split("\n")) == sorted(given.split("\n")):
        return "<as it was given, in another order>"
    digest = hashlib.sha256(value.encode(errors="backslashreplace")).hexdigest()
    return f"<not as it was given: {len(value)} characters, sha256 {digest[:16]}>"
