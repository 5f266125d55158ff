"""The settings: read once, refused where they make no sense."""

import dataclasses
import re
from pathlib import Path

import pytest

from harness import settings
from harness.errors import UsageError


def test_nothing_set_gives_the_defaults() -> None:
    """An empty environment is enough."""
    found = settings.from_environ({})
    assert found.pace == "fast"
    assert found.seed == 1
    assert found.keep is False
    assert found.database_url == ""
    assert found.temporary.is_absolute()


def test_places_follow_the_environment() -> None:
    """TMPDIR, XDG_CACHE_HOME and HOME, as everywhere."""
    found = settings.from_environ({"TMPDIR": "/a", "HOME": "/home/x"})
    assert found.temporary == Path("/a")
    assert found.cache == Path("/home/x/.cache/qfc-harness")
    found = settings.from_environ({"XDG_CACHE_HOME": "/c", "HOME": "/home/x"})
    assert found.cache == Path("/c/qfc-harness")
    found = settings.from_environ({"QFC_HARNESS_CACHE": "/d", "HOME": "/home/x"})
    assert found.cache == Path("/d")


def test_relative_places_are_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes of a run have other working directories."""
    monkeypatch.chdir(tmp_path)
    found = settings.from_environ({"TMPDIR": "t", "QFC_HARNESS_CACHE": "c"})
    assert found.temporary == tmp_path / "t"
    assert found.cache == tmp_path / "c"


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("QFC_HARNESS_SEED", "x", "QFC_HARNESS_SEED=7"),
        ("QFC_HARNESS_PACE", "slow", "fast or real"),
        ("QFC_HARNESS_KEEP", "maybe", "QFC_HARNESS_KEEP=1"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, hint: str) -> None:
    """With the variable, its value, and what it may be."""
    with pytest.raises(UsageError, match=f"{name}={value}") as raised:
        settings.from_environ({name: value})
    assert hint in raised.value.hint


def test_no_usable_temporary_directory_is_told_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where all are full, commands that need none still work."""

    def none() -> str:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr("tempfile.gettempdir", none)
    assert settings.from_environ({}).temporary == Path("/tmp")


def test_settings_are_frozen() -> None:
    """Nobody changes them during a run."""
    found = settings.from_environ({})
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.seed = 3  # type: ignore[misc]


def test_nothing_else_reads_the_environment() -> None:
    """`settings` is the one place; processes of their own have their own."""
    own_processes = {
        "subject/child.py",
        "standin/children.py",
        "standin/zygote.py",
        "environment/kind_tool.py",
    }
    passed_on = {"bench.py", "environment/kind_lifecycle.py"}
    allowed = own_processes | passed_on | {"settings.py"}
    package = Path(settings.__file__).parent
    readers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "simulator" not in path.parts
        and any(
            word in path.read_text(encoding="utf-8")
            for word in ("os.environ", "os.getenv")
        )
    }
    assert readers <= allowed


@pytest.mark.parametrize(
    ("value", "meant"),
    [("1", True), ("yes", True), ("True", True), ("0", False), ("off", False)],
)
def test_a_switch_can_be_turned_off(value: str, meant: bool) -> None:
    """``=0`` says no, as everywhere."""
    assert settings.from_environ({"QFC_HARNESS_KEEP": value}).keep is meant
    assert settings.from_environ({"QFC_HARNESS_RELAY": value}).relay is meant


def test_a_name_that_only_looks_like_a_setting_is_refused() -> None:
    """Else the run would go on as if nothing had been asked for."""
    with pytest.raises(UsageError) as caught:
        settings.from_environ({"QFC_HARNESS_PACCE": "real"})
    assert "QFC_HARNESS_PACCE: there is no such setting." in str(caught.value)
    assert "QFC_HARNESS_PACE" in caught.value.hint


def test_every_name_that_is_read_is_known() -> None:
    """And no other."""
    source = Path(settings.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'"(QFC_HARNESS_[A-Z_]+)"', source))
    assert read - {settings.PREFIX} == settings.NAMES
