"""Deltafiles are checked before a single delta is saved."""

from uuid import uuid4

import pytest
from qfieldcloud.core.deltafiles import save_deltas
from qfieldcloud.core.exceptions import DeltafileValidationError
from qfieldcloud.core.models import Delta, Project


def delta(**changes):
    return {
        "uuid": str(uuid4()),
        "clientId": str(uuid4()),
        "localPk": "1",
        "sourcePk": "1",
        "localLayerId": "layer",
        "sourceLayerId": "layer",
        "method": "patch",
        "old": {"attributes": {"name": "oak"}},
        "new": {"attributes": {"name": "ash"}},
        **changes,
    }


def deltafile(project, *deltas):
    return {
        "version": "1.0",
        "project": str(project.pk),
        "id": str(uuid4()),
        "deltas": list(deltas),
        "files": [],
    }


def test_a_delta_becomes_a_row(project):
    """The row has the delta's own id, its client and the whole content."""
    content = delta()
    file = deltafile(project, content)
    ((row, new),) = save_deltas(project, project.owner, file)
    row.refresh_from_db()
    assert new
    assert str(row.pk) == content["uuid"]
    assert str(row.client_id) == content["clientId"]
    assert str(row.deltafile_id) == file["id"]
    assert row.content == content
    assert row.last_status == "pending"


def test_a_delta_that_is_there_already_is_left_alone(project):
    """A push that is repeated makes no second row."""
    file = deltafile(project, delta())
    save_deltas(project, project.owner, file)
    ((_, new),) = save_deltas(project, project.owner, file)
    assert not new
    assert Delta.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"version": "2.0"}, r"version is '2.0'"),
        ({"project": str(uuid4())}, r"it is for project"),
        ({"id": "x"}, r"id 'x' is no UUID"),
        ({"deltas": {}}, r"deltas is no list"),
        ({"deltas": [1]}, r"deltas\[0\]: a delta is a JSON object"),
        ({"deltas": [delta(method="move")]}, r"deltas\[0\]: method 'move'"),
        ({"deltas": [delta(), {"uuid": "x"}]}, r"deltas\[1\]: 'localPk' is missing"),
        ({"deltas": [delta(clientId="me")]}, r"clientId 'me' is no UUID"),
    ],
)
def test_a_fault_is_named_and_nothing_is_saved(project, changes, fault):
    """The error says where and what."""
    file = {**deltafile(project), **changes}
    with pytest.raises(DeltafileValidationError, match=fault):
        save_deltas(project, project.owner, file)
    assert not Delta.objects.exists()


def test_a_missing_key_is_named(project):
    """Also one of the deltafile itself."""
    file = deltafile(project)
    del file["files"]
    with pytest.raises(DeltafileValidationError, match="'files' is missing"):
        save_deltas(project, project.owner, file)


def test_a_delta_of_another_project_is_refused(project):
    """Ids are unique everywhere: a delta can't be taken over."""
    other = Project.objects.create(owner=project.owner, name="other")
    content = delta()
    save_deltas(other, project.owner, deltafile(other, content))
    with pytest.raises(DeltafileValidationError, match="belongs to project"):
        save_deltas(project, project.owner, deltafile(project, content))
