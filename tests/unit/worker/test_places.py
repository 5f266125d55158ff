"""Where the mounts are."""

from pathlib import Path

import pytest
from qfc_worker import places


def test_mounts_are_where_they_are_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a redirection the paths are the contract's."""
    monkeypatch.delenv("QFC_SIMULATOR_MOUNTS", raising=False)
    assert places.feedback_file() == Path("/io/feedback.json")
    assert places.thumbnail() == Path("/io/thumbnail.png")
    assert places.deltafile() == Path("/io/deltafile.json")
    assert places.place(places.TRANSFORMATION_GRIDS) == Path("/transformation_grids")


def test_redirection_moves_only_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator's variable redirects the mounts in it."""
    monkeypatch.setenv("QFC_SIMULATOR_MOUNTS", '{"/io": "/elsewhere/7"}')
    assert places.deltafile() == Path("/elsewhere/7/deltafile.json")
    assert places.place(places.TRANSFORMATION_GRIDS) == Path("/transformation_grids")
