"""testcontainers is used as the user wants it: its reaper, its variables."""

import os
import subprocess
import sys
from typing import Any

import pytest
from docker.errors import ImageNotFound
from testcontainers.core.config import testcontainers_config

from harness.environment import containers
from harness.errors import EnvironmentMissing


class Images:
    """As much of a Docker client as Ryuk's question takes."""

    def __init__(self, *present: str) -> None:
        self.images = self
        self.present = present
        self.asked: list[str] = []

    def get(self, name: str) -> None:
        """Found, or not."""
        self.asked.append(name)
        if name not in self.present:
            raise ImageNotFound(name)


@pytest.fixture(autouse=True)
def enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nothing had been said of Ryuk, whatever this machine's variables say."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", False)


def test_a_ryuk_that_would_have_to_be_pulled_is_left_out() -> None:
    """And said, with what takes its place."""
    client: Any = Images()
    note = containers.ryuk(client)
    assert client.asked == [testcontainers_config.ryuk_image]
    assert f"{testcontainers_config.ryuk_image} is not on this machine" in note
    assert "qfc-harness gc" in note
    assert testcontainers_config.ryuk_disabled


def test_a_ryuk_that_is_there_is_used() -> None:
    """Nothing needs to be said."""
    client: Any = Images(testcontainers_config.ryuk_image)
    assert containers.ryuk(client) == ""
    assert not testcontainers_config.ryuk_disabled


def test_no_ryuk_is_looked_for_where_it_is_disabled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TESTCONTAINERS_RYUK_DISABLED says so."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    client: Any = Images()
    assert containers.ryuk(client) == ""
    assert client.asked == []


@pytest.mark.parametrize(
    ("value", "disabled"), [("true", "True"), ("1", "True"), ("false", "False")]
)
def test_the_variable_is_heeded(value: str, disabled: str) -> None:
    """It is read when testcontainers is imported, in a process of its own here."""
    program = (
        "from harness.environment import containers; "
        "containers.ryuk(type('', (), {'images': type('', (), {'get': print})})); "
        "from testcontainers.core.config import testcontainers_config as known; "
        "print(known.ryuk_disabled)"
    )
    done = _python(program, TESTCONTAINERS_RYUK_DISABLED=value)
    assert done.stdout.splitlines()[-1] == disabled, done.stderr


def test_a_variable_that_is_wrong_is_said() -> None:
    """testcontainers raises while it is imported: that is no mistake of the harness."""
    program = (
        "from harness.environment import containers\n"
        "try: containers.ryuk(None)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = _python(program, TESTCONTAINERS_CONNECTION_MODE="by pigeon")
    assert done.stdout.startswith("EnvironmentMissing testcontainers can't be used")
    assert "TESTCONTAINERS_CONNECTION_MODE" in done.stdout


def test_without_the_package_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The docker extra has it."""
    monkeypatch.setattr(containers.importlib.util, "find_spec", lambda _: None)
    client: Any = Images()
    with pytest.raises(EnvironmentMissing, match="not installed: pip install"):
        containers.ryuk(client)


def _python(program: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
