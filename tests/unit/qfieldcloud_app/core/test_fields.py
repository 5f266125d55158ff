"""A second name for a column, and text encrypted at rest."""

import pytest
from constance import config
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.files.base import ContentFile
from django.db import connection
from django.forms.models import model_to_dict
from django.test import override_settings
from qfieldcloud.core.models import Project, Secret

RENAMED = [("project_filename", "the_qgis_file_name"), ("thumbnail_uri", "thumbnail")]


@pytest.mark.parametrize(("alias", "name"), RENAMED)
def test_both_names_are_in_a_jobs_context(project, alias, name):
    """model_to_dict, from which wrappers format their command, has both names."""
    Project.objects.filter(pk=project.pk).update(**{name: "x.y"})
    values = model_to_dict(Project.objects.get(pk=project.pk))
    assert str(values[alias]) == str(values[name]) == "x.y"


@pytest.mark.parametrize(("alias", "name"), RENAMED)
def test_saving_the_alias_alone_saves_the_column(project, alias, name):
    """save(update_fields=["thumbnail_uri"]) writes the one column there is."""
    setattr(project, alias, "new.value")
    project.save(update_fields=(alias,))
    assert str(getattr(Project.objects.get(pk=project.pk), name)) == "new.value"


@pytest.mark.parametrize(("alias", "name"), RENAMED)
def test_the_alias_works_in_queries(project, alias, name):
    """filter, update, values and refresh_from_db take the old name too."""
    Project.objects.filter(pk=project.pk).update(**{alias: "a.b"})
    assert Project.objects.filter(**{f"{alias}__endswith": ".b"}).count() == 1
    assert list(Project.objects.values_list(alias, flat=True)) == ["a.b"]
    project.refresh_from_db(fields=[alias])
    assert str(getattr(project, name)) == "a.b"


@pytest.mark.parametrize("name", ["project_filename", "the_qgis_file_name"])
def test_a_project_is_made_with_either_name(user, name):
    """The name that isn't given doesn't undo the one that is."""
    project = Project.objects.create(owner=user, name="p", **{name: "x.qgs"})
    project.refresh_from_db()
    assert project.project_filename == project.the_qgis_file_name == "x.qgs"


def test_validation_keeps_a_file_that_is_not_stored_yet(project):
    """clean_fields reads and writes every field, also the alias."""
    project.thumbnail = ContentFile(b"PNG", "any.png")
    project.clean_fields()
    project.save()
    assert Project.objects.get(pk=project.pk).thumbnail_uri.startswith("projects/")


def test_the_alias_adds_no_column(project):
    """The table has the newer name only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_project")
        columns = {column.name for column in cursor.description}
    assert "the_qgis_file_name" in columns
    assert not columns & {"project_filename", "thumbnail_uri"}


def test_a_new_wrapper_stores_a_thumbnail_as_file(project, storage):
    """What 2026 assigns as content, 2024 reads as a URI."""
    project.thumbnail = ContentFile(b"PNG", "any.png")
    project.save(update_fields=["thumbnail"])
    assert (storage / project.thumbnail_uri).read_bytes() == b"PNG"


def test_without_a_thumbnail_the_uri_is_false(project):
    """Wrappers of 2024 write ``project.thumbnail_uri or new_uri``."""
    assert not project.thumbnail_uri


def secret(project, value):
    return Secret.objects.create(
        project=project,
        name="PGSERVICE",
        type=Secret.Type.PGSERVICE,
        value=value,
        created_by=project.owner,
    )


def column_value():
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM core_secret")
        return cursor.fetchone()[0]


def test_a_secret_is_read_as_it_was_written(project):
    """Any text comes back, byte for byte."""
    value = "[survey]\nhost=db\npassword=$(ä)\n"
    secret(project, value)
    assert Secret.objects.get().value == value


def test_a_secret_is_encrypted_in_its_column(project):
    """Neither the text nor its encodings are in the table, nor twice the same."""
    secret(project, "top secret")
    first = column_value()
    Secret.objects.get().save()
    assert "top secret" not in first
    assert column_value() != first


def test_a_secret_written_with_another_key_is_an_error(project):
    """The message says that it is the SECRET_KEY, not the data."""
    secret(project, "top secret")
    with (
        override_settings(SECRET_KEY="another"),
        pytest.raises(ImproperlyConfigured, match="another SECRET_KEY"),
    ):
        Secret.objects.get()


def test_secrets_cant_be_searched_by_value(project):
    """A filter that could never match is refused instead."""
    with pytest.raises(FieldError, match="encrypted"):
        Secret.objects.filter(value="x").exists()


def test_config_has_the_contracts_defaults(app):
    """Constance answers with the contract's values and types."""
    assert config.WORKER_TIMEOUT_S == 600
    assert config.WORKER_QGIS_MEMORY_LIMIT == "1000m"
    assert config.WORKER_QGIS_CPU_SHARES == 512
