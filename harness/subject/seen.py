"""What became of a process of the subject, wherever it ran."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectSeen:
    """What became of one process of the subject."""

    action: str
    phase: str
    """How far it came: prepare, import, find, sweep, construct, run, done."""
    exit_code: int | None
    """None: it had to be killed after its time was over."""
    error: str = ""
    traceback: str = ""
    made_by: str = ""
    ran_by: str = ""
    sweeps: bool = True
    log: str = ""


def seen_of(action: str, code: int | None, *, result: str, log: str) -> SubjectSeen:
    """What a process has told, from its result file (see `child`) and its log."""
    try:
        told: dict[str, Any] = json.loads(result)
    except ValueError:
        told = {"phase": "prepare", "error": "it ended before it could say anything"}
    return SubjectSeen(action=action, exit_code=code, log=log, **told)
