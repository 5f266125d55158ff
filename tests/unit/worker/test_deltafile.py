"""Reading deltafiles."""

import json
from pathlib import Path
from typing import Any

import pytest
from qfc_worker import deltafile
from qfc_worker.errors import UnableToContinueError

from .conftest import FIXTURES

DELTA: dict[str, Any] = {
    "uuid": "u",
    "method": "patch",
    "localPk": "1",
    "sourcePk": 7,
    "localLayerId": "l",
    "sourceLayerId": "s",
}


def parsed(**changes: Any) -> deltafile.Delta:
    """The delta with changes."""
    document = {"version": "1.0", "id": "f", "deltas": [{**DELTA, **changes}]}
    return deltafile.parse(document).deltas[0]


def test_sides_tell_null_from_absent() -> None:
    """A geometry that is null is one to set; one that isn't there is not."""
    delta = parsed(old={"attributes": {"a": 1}}, new={"geometry": None})
    assert not delta.old.has_geometry
    assert delta.new.has_geometry
    assert delta.new.geometry is None
    assert delta.new.attributes == {}


def test_keys_are_texts() -> None:
    """A number counts as its digits, an empty text as no key."""
    delta = parsed(localPk="", sourcePk=7)
    assert (delta.local_pk, delta.source_pk) == (None, "7")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"version": "1.0"}',
        '{"version": "2.0", "id": "f", "deltas": []}',
        json.dumps(
            {"version": "1.0", "id": "f", "deltas": [{**DELTA, "method": "move"}]}
        ),
        json.dumps({"version": "1.0", "id": "f", "deltas": [{"uuid": "u"}]}),
    ],
)
def test_what_is_no_deltafile(tmp_path: Path, content: str) -> None:
    """The error names the file."""
    path = tmp_path / "deltafile.json"
    path.write_text(content)
    with pytest.raises(UnableToContinueError, match=r"deltafile\.json"):
        deltafile.load(path)


@pytest.mark.parametrize(
    "path", sorted((FIXTURES / "deltas").glob("*.json")), ids=lambda path: path.stem
)
def test_committed_deltafiles_have_qfield_form(path: Path) -> None:
    """They have every key that the schema requires, and the project's placeholder."""
    document = json.loads(path.read_text("utf-8"))
    assert document.keys() == {"version", "id", "project", "files", "deltas"}
    assert document["project"] == "@project"
    required = {
        "localPk",
        "sourcePk",
        "localLayerId",
        "sourceLayerId",
        "uuid",
        "method",
    }
    assert all(required <= delta.keys() for delta in document["deltas"])
    uuids = [delta["uuid"] for delta in document["deltas"]]
    assert len(set(uuids)) == len(uuids)
    assert len(deltafile.load(path).deltas) == len(uuids)
