"""Golden files: what a real server answered, with a stamp of who said it and when."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden"


class GoldenError(Exception):
    """A golden file that is missing or was changed by hand."""


@dataclass(frozen=True)
class Golden:
    """One test's record: its steps in order, and their origin."""

    origin: dict[str, Any]
    steps: list[dict[str, Any]]


def path_of(profile: str, test: str) -> Path:
    """Where a test's record lies."""
    slug = re.sub(r"[^A-Za-z0-9_.=-]+", "-", test).strip("-")
    if slug != test:  # other ids may give the same file name
        slug += "-" + hashlib.sha256(test.encode()).hexdigest()[:6]
    return FOLDER / profile / f"{slug}.json"


def load(profile: str, test: str) -> Golden:
    """Read a record; raises GoldenError with what to do."""
    path = path_of(profile, test)
    try:
        stored = json.loads(path.read_text())
    except FileNotFoundError:
        raise GoldenError(
            f"{path} is not recorded: run this test with --conformance "
            "docker_engine|kind_cluster --record on a real server"
        ) from None
    if stored["origin"]["content"] != digest(stored["steps"]):
        raise GoldenError(f"{path} was changed by hand: record it again")
    return Golden(stored["origin"], stored["steps"])


def save(profile: str, test: str, golden: Golden) -> None:
    """Write a record, stamped with the hash of its content.

    A record that says the same as the stored one is left alone, date included.
    """
    path = path_of(profile, test)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and json.loads(path.read_text())["steps"] == golden.steps:
        return
    origin = {**golden.origin, "content": digest(golden.steps)}
    text = json.dumps({"origin": origin, "steps": golden.steps}, indent=1)
    path.write_text(text + "\n")


def digest(steps: list[dict[str, Any]]) -> str:
    """The hash that makes a hand edit show."""
    text = json.dumps(steps, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
