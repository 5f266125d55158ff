"""The program that runs a subject in its pod."""

from pathlib import Path
from typing import Any

import pytest

from harness.incluster import wrapper
from harness.incluster.wrapper import Wrapper


class Child:
    """A process that ends when it is killed."""

    def __init__(self) -> None:
        self.signals: list[int] = []

    def signal(self, signum: int) -> None:
        """Note it."""
        self.signals.append(int(signum))

    def wait(self, _timeout_s: float | None = None) -> int:
        """It has ended."""
        return -9


class Forks:
    """Starts such processes."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def wait_until_ready(self) -> None:
        """It is."""

    def spawn(self, *_: Any, **__: Any) -> Child:
        """One more."""
        self.children.append(Child())
        return self.children[-1]


def test_a_renewed_pod_has_nothing_of_the_cell_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No process, no code, no file below /tmp; what the image has stays."""
    place = tmp_path / "qfc-harness"
    monkeypatch.setattr(wrapper, "PLACE", place)
    monkeypatch.setattr(wrapper, "FORKS_LOG", place / "forks.log")
    for name in ("CODE", "STORAGE"):
        monkeypatch.setattr(wrapper, name, place / name.lower())
    (tmp_path / "of-the-image").mkdir()
    wrapper._make_places()
    wrapper.FORKS_LOG.write_text("kept")
    forks: Any = Forks()
    routes = Wrapper(forks, {})
    routes.spawn({}, b'{"number": 1, "arguments": {}, "environ": {}}')
    for path in (
        wrapper.CODE / "a.py",
        wrapper.STORAGE / "package.gpkg",
        place / "subject-1.json",
        tmp_path / "left-by-the-subject",
    ):
        path.write_text("old")
    routes.renew({}, b"")
    assert forks.children[0].signals == [9]
    left = {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*")}
    assert left == {
        "of-the-image",
        "qfc-harness",
        "qfc-harness/code",
        "qfc-harness/forks.log",
        "qfc-harness/storage",
    }
