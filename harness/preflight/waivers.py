"""Waivers: who accepts what, why, and until when."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml

from ..errors import UsageError
from . import registry
from .making import result
from .model import Fix, Result, Status, Waiver

_EXAMPLE = (
    "Write a list of {check: QFV-403, owner: who, reason: why, expires: 2026-12-31}."
)
_KEYS = {"check", "owner", "reason", "expires"}


def read(path: Path) -> tuple[Waiver, ...]:
    """Read a file of waivers.

    :raises UsageError: it isn't one; all four keys are needed
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"--waive {path}: {error}", _EXAMPLE) from error
    if not isinstance(content, list):
        raise UsageError(f"--waive {path}: not a list.", _EXAMPLE)
    return tuple(
        _waiver(one, f"{path}: number {n}") for n, one in enumerate(content, 1)
    )


def _waiver(found: object, where: str) -> Waiver:
    if not isinstance(found, dict) or set(found) != _KEYS or not all(found.values()):
        raise UsageError(f"{where}: needs {', '.join(sorted(_KEYS))}.", _EXAMPLE)
    check = str(found["check"])
    if check.partition("/")[0] not in registry.CHECKS:
        raise UsageError(f"{where}: there is no check {check}.", _EXAMPLE)
    expires = found["expires"]
    if not isinstance(expires, date):
        try:
            expires = date.fromisoformat(str(expires))
        except ValueError as error:
            raise UsageError(f"{where}: expires: {error}", _EXAMPLE) from error
    return Waiver(
        check=check,
        owner=str(found["owner"]),
        reason=str(found["reason"]),
        expires=expires,
    )


def judged(
    waivers: Sequence[Waiver], results: Sequence[Result], today: date
) -> list[Result]:
    """One result for each waiver that is over or that nothing needs."""
    found = []
    for one in waivers:
        used = any(r.waiver == one for r in results)
        over = one.expires < today
        if used and not over:
            continue
        words = (
            f"expired on {one.expires}: {one.reason} ({one.owner})"
            if over
            else f"not needed: {one.reason} ({one.owner})"
        )
        found.append(
            result(
                "QFV-954",
                Status.FAIL,
                f"{one.check}: {words}",
                of=one.check.replace("/", "-"),
                title=f"The waiver of {one.check} holds and is needed",
                fix=Fix(steps=("Renew it with a reason, or remove it.",)),
            )
        )
    return found or [
        result("QFV-954", Status.PASS, f"{len(waivers)} waivers" if waivers else "none")
    ]
