"""A subject's way into its pod, and its words' way back."""

import io
import json
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import UsageError
from harness.subject import in_pod
from harness.subject.locate import Subject, locate


def names(subject: Subject) -> set[str]:
    """What its archive holds."""
    with tarfile.open(fileobj=io.BytesIO(in_pod.archive(subject))) as tar:
        return set(tar.getnames())


def test_a_package_goes_whole(tmp_path: Path) -> None:
    """With its data and what lies beside it, without what Python left there."""
    package = tmp_path / "worker_wrapper"
    (package / "__pycache__").mkdir(parents=True)
    for path in ("__init__.py", "wrapper.py", "words.json", "__pycache__/a.pyc"):
        (package / path).write_text("")
    (tmp_path / "helper.py").write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "big.bin").write_text("")
    assert names(locate(str(package))) == {
        "helper.py",
        "worker_wrapper/__init__.py",
        "worker_wrapper/wrapper.py",
        "worker_wrapper/words.json",
    }


def test_a_folder_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to do."""
    (tmp_path / "mine.py").write_bytes(bytes(range(256)) * 64)
    monkeypatch.setattr(in_pod, "LARGEST", 100)
    with pytest.raises(UsageError, match="too much for a pod"):
        in_pod.archive(locate(str(tmp_path / "mine.py")))


class Agent:
    """A pod's program: a process that ends after so many questions."""

    def __init__(self, ends_after: int) -> None:
        self.left = ends_after
        self.signals: list[str] = []

    def call(self, method: str, route: str, **query: Any) -> dict[str, Any]:
        """Whether it has ended."""
        if route == "signal":
            self.signals.append(query["signum"])
            self.left = 0
            return {}
        self.left -= 1
        if self.left >= 0:
            return {"ended": False}
        told = {"phase": "done", "made_by": "x"}
        code = -9 if self.signals else 0
        return {
            "ended": True,
            "exit_code": code,
            "result": json.dumps(told),
            "log": "words",
        }


class Place:
    """A place with such a pod."""

    def __init__(self, agent: Agent, lacks: dict[str, str] | None = None) -> None:
        self.pod = SimpleNamespace(agent=agent)
        self.lacks = lacks or {}
        self.collected = False

    def collect(self) -> None:
        """Bring what it stored."""
        self.collected = True


def test_a_process_is_told_what_its_pod_lacks() -> None:
    """The pod served another cell before; the scenario's own settings come last."""
    bodies: list[Any] = []

    class Spawns(Agent):
        """Notes what is started."""

        def call(self, method: str, route: str, **query: Any) -> dict[str, Any]:
            """Whatever is asked."""
            del method, route
            bodies.append(query["body"])
            return {}

    place: Any = Place(Spawns(1), {"DATABASE": "of this cell", "PACE": "its pod's"})
    given = {"PACE": "the scenario's"}
    in_pod.start("run", place, {}, given, number=1, ending=lambda: False)
    assert bodies[0]["environ"] == {"DATABASE": "of this cell", **given}


def process(agent: Agent, *, ending: bool = False) -> in_pod.PodProcess:
    """A process there."""
    return in_pod.PodProcess("run", Place(agent), 1, lambda: ending)  # type: ignore[arg-type]


def test_its_result_and_log_come_back() -> None:
    """As from a process on this machine."""
    seen = process(Agent(ends_after=2)).wait(60)
    assert (seen.exit_code, seen.phase, seen.log) == (0, "done", "words")


def test_after_its_time_it_is_killed() -> None:
    """And has no exit code, since it didn't end by itself."""
    agent = Agent(ends_after=10**9)
    seen = process(agent).wait(0)
    assert agent.signals == ["9"]
    assert seen.exit_code is None


def test_when_the_run_is_ended_nobody_waits() -> None:
    """Ctrl-C, for example."""
    agent = Agent(ends_after=10**9)
    assert process(agent, ending=True).wait(600).exit_code is None
    assert agent.signals == ["9"]
