"""Choosing an engine."""

import importlib.util

import pytest
from qfc_worker import engine
from qfc_worker.errors import UnableToContinueError


def only(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """As if only these packages were installed."""
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: name in packages or None
    )


@pytest.mark.parametrize(
    ("packages", "wanted", "chosen"),
    [
        (["qgis", "pyogrio"], "auto", "qgis"),
        (["pyogrio"], "auto", "ogr"),
        (["qgis", "pyogrio"], "ogr", "ogr"),
        (["qgis"], "qgis", "qgis"),
    ],
)
def test_choice(
    monkeypatch: pytest.MonkeyPatch, packages: list[str], wanted: str, chosen: str
) -> None:
    """Auto prefers QGIS; a name is taken at its word."""
    only(monkeypatch, *packages)
    assert engine.choose(wanted).name == chosen


@pytest.mark.parametrize(
    ("packages", "wanted"), [([], "auto"), (["pyogrio"], "qgis"), (["qgis"], "esri")]
)
def test_engine_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, packages: list[str], wanted: str
) -> None:
    """The error says what is there and what to install."""
    only(monkeypatch, *packages)
    with pytest.raises(UnableToContinueError, match=f"{wanted!r}.*Install PyQGIS"):
        engine.choose(wanted)
