"""Packages and thumbnails by the names that wrappers of 2024 import."""

import io
from uuid import uuid4

import pytest
from qfieldcloud.core.utils import get_qgis_project_file
from qfieldcloud.core.utils2 import storage as qfc_storage
from qfieldcloud.filestorage import files


def store(project, name, package_id=None):
    files.store(
        project, {name: [b"x"]}, uploaded_by=project.owner, package_id=package_id
    )


@pytest.mark.parametrize("as_id", [True, False], ids=["by id", "by project"])
def test_packages_are_listed_and_deleted(project, storage, as_id):
    """Both forms of argument work; bytes go with the rows."""
    who = str(project.pk) if as_id else project
    first, second = uuid4(), uuid4()
    store(project, "a.qgs")
    store(project, "a_qfield.qgs", first)
    store(project, "a_qfield.qgs", second)
    assert qfc_storage.get_stored_package_ids(who) == {str(first), str(second)}
    qfc_storage.delete_stored_package(who, str(first))
    assert qfc_storage.get_stored_package_ids(who) == {str(second)}
    assert len(list(storage.glob("versions/*/*"))) == 2


def test_a_thumbnail_is_stored_and_its_uri_can_be_saved(project, storage):
    """As wrappers of 2024 do: upload, save the URI, purge the rest."""
    old = qfc_storage.upload_project_thumbail(
        project, io.BytesIO(b"old"), "image/png", "thumbnail"
    )
    new = qfc_storage.upload_project_thumbail(
        project, io.BytesIO(b"new"), "image/png", "thumbnail"
    )
    project.thumbnail_uri = new
    project.save(update_fields=["thumbnail_uri"])
    qfc_storage.purge_previous_thumbnails_versions(project)
    assert project.thumbnail.read() == b"new"
    project.thumbnail.close()
    assert not (storage / old).exists()


def test_a_thumbnail_of_another_type_is_refused(project):
    """The message names the types that work."""
    with pytest.raises(ValueError, match="image/png"):
        qfc_storage.upload_project_thumbail(
            project, io.BytesIO(b""), "text/html", "thumbnail"
        )


def test_the_qgis_file_is_found_among_the_files(project):
    """Neither a package's file nor another file counts."""
    assert get_qgis_project_file(project.pk) is None
    store(project, "data.gpkg")
    store(project, "x_qfield.qgs", uuid4())
    store(project, "sub dir/tréés.QGZ")
    assert get_qgis_project_file(str(project.pk)) == "sub dir/tréés.QGZ"
