"""Projects over the API."""

import base64

import pytest
from qfieldcloud.core.models import Project, ProjectSeed


def test_creating_a_project(owner, user):
    """The caller owns it; it is private unless told."""
    response = owner("POST", "projects/", {"name": "new", "is_public": "0"})
    assert response.status_code == 201
    project = Project.objects.get(name="new")
    assert (project.owner, project.is_public) == (user, False)
    assert response.json()["id"] == str(project.pk)
    assert response.json()["user_role"] == "admin"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "trees"}, 400),
        ({"name": "a b"}, 400),
        ({}, 400),
        ({"name": "x", "is_public": "maybe"}, 400),
        ({"name": "x", "owner": "bob"}, 403),
        ({"name": "x", "clone_from_project": "y"}, 501),
    ],
    ids=["taken", "odd name", "no name", "odd flag", "not the caller", "clone"],
)
def test_what_cant_be_created(owner, project, fields, status):
    """Each is refused, and nothing is made."""
    assert owner("POST", "projects/", fields).status_code == status
    assert Project.objects.count() == 1


def test_a_name_is_free_for_another_owner(stranger, project):
    """Names are unique for each owner only."""
    assert stranger("POST", "projects/", {"name": "trees"}).status_code == 201


def test_patching_changes_what_is_sent(owner, project):
    """And nothing else."""
    path = f"projects/{project.pk}/"
    response = owner("PATCH", path, "description=K%C3%A4fer&is_public=True")
    assert response.status_code == 200
    project.refresh_from_db()
    assert (project.description, project.is_public) == ("Käfer", True)
    assert (project.name, project.the_qgis_file_name) == ("trees", "trees.qgs")


@pytest.mark.parametrize("public", [False, True], ids=["private", "public"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stranger_changes_nothing(stranger, project, method, public):
    """403, be the project public or not."""
    Project.objects.filter(pk=project.pk).update(is_public=public)
    assert stranger(method, f"projects/{project.pk}/").status_code == 403
    assert Project.objects.exists()


@pytest.mark.parametrize(("public", "status"), [(False, 403), (True, 200)])
def test_a_stranger_sees_what_is_public(stranger, project, public, status):
    """403 for a private project, the role of a reader for a public one."""
    Project.objects.filter(pk=project.pk).update(is_public=public)
    response = stranger("GET", f"projects/{project.pk}/")
    assert response.status_code == status
    assert response.json().get("user_role") == ("reader" if public else None)


def test_the_list_holds_the_callers_projects(owner, stranger, project):
    """And the public ones of others only if asked for."""
    Project.objects.filter(pk=project.pk).update(is_public=True)
    for caller, path, names in (
        (owner, "projects/", ["trees"]),
        (stranger, "projects/", []),
        (stranger, "projects/?include-public=0", []),
        (stranger, "projects/?include-public=1", ["trees"]),
    ):
        assert [p["name"] for p in caller("GET", path).json()] == names


def test_deleting_a_project_deletes_its_files(owner, project, storage):
    """Rows and bytes."""
    owner.upload(f"files/{project.pk}/data.gpkg/")
    assert list(storage.glob("versions/*/*"))
    assert owner("DELETE", f"projects/{project.pk}/").status_code == 204
    assert not list(storage.glob("versions/*"))
    assert owner("GET", f"projects/{project.pk}/").status_code == 404


def test_a_seed_is_shown_with_the_names_of_its_files(worker, project):
    """The worker of a create_project job reads it with its token."""
    content = base64.b64encode(b"PK-xlsx").decode()
    form = {"name": "trées form.xlsx", "content": content}
    ProjectSeed.objects.create(
        project=project, content={"crs": "EPSG:2056", "xlsform_file": form}
    )
    seed = worker("GET", f"projects/{project.pk}/seed/").json()
    assert seed == {
        "project": str(project.pk),
        "crs": "EPSG:2056",
        "xlsform_file": "trées form.xlsx",
        "json2qgis_file": None,
    }
    response = worker("GET", f"projects/{project.pk}/seed/xlsform/")
    assert response.content == b"PK-xlsx"
    assert "tr%C3%A9es%20form.xlsx" in response["Content-Disposition"]
    empty = worker("GET", f"projects/{project.pk}/seed/json2qgis/")
    assert (empty.status_code, empty.content) == (204, b"")


def test_a_project_without_seed_is_a_404(worker, project):
    """For the seed and for its files."""
    for path in ("seed/", "seed/xlsform/", "seed/odd/"):
        response = worker("GET", f"projects/{project.pk}/{path}")
        assert response.status_code == 404
