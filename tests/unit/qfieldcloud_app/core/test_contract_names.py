"""Every Django name that the contract says a wrapper module imports."""

from importlib import import_module

import pytest
from django.conf import settings

NAMES = [
    ("qfieldcloud.core.models", "Job"),
    ("qfieldcloud.core.models", "PackageJob"),
    ("qfieldcloud.core.models", "ProcessProjectfileJob"),
    ("qfieldcloud.core.models", "ApplyJob"),
    ("qfieldcloud.core.models", "ApplyJobDelta"),
    ("qfieldcloud.core.models", "Delta"),
    ("qfieldcloud.core.models", "Project"),
    ("qfieldcloud.core.models", "QgisProject"),
    ("qfieldcloud.core.models", "Secret"),
    ("qfieldcloud.core.models", "User"),
    ("qfieldcloud.authentication.models", "AuthToken"),
    ("qfieldcloud.core.utils", "get_qgis_project_file"),
    ("qfieldcloud.core.utils2", "storage"),
    ("qfieldcloud.core.utils2.storage", "get_stored_package_ids"),
    ("qfieldcloud.core.utils2.storage", "delete_stored_package"),
    ("qfieldcloud.core.utils2.storage", "upload_project_thumbail"),
    ("qfieldcloud.core.utils2.storage", "purge_previous_thumbnails_versions"),
    ("qfieldcloud.core.utils2.packages", "delete_obsolete_packages"),
]
SETTINGS = [
    "QFIELDCLOUD_QGIS_IMAGE_NAME",
    "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL",
    "QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME",
    "QFIELDCLOUD_DEFAULT_NETWORK",
    "QFIELDCLOUD_LIBQFIELDSYNC_VOLUME_PATH",
    "QFIELDCLOUD_QFIELDCLOUD_SDK_VOLUME_PATH",
    "DEBUG_QGIS_LIBQFIELDSYNC_HOST_PATH",
    "DEBUG_QGIS_QFIELDCLOUD_SDK_HOST_PATH",
    "DEBUG_QGIS_DEBUGPY_PORT",
    "ENVIRONMENT",
    "DEBUG",
    "QFIELDCLOUD_WORKER_BACKEND",
    "QFIELDCLOUD_K8S_NAMESPACE",
    "QFIELDCLOUD_K8S_SERVICE_ACCOUNT",
]
FIELDS = {
    "Job": "id project type status output feedback created_by triggered_by "
    "created_at updated_at started_at finished_at docker_started_at "
    "docker_finished_at container_id",
    "ApplyJob": "deltas_to_apply overwrite_conflicts",
    "Project": "id name owner project_filename the_qgis_file_name project_details "
    "packaging_offliner data_last_updated_at data_last_packaged_at "
    "last_package_job overwrite_conflicts thumbnail_uri thumbnail "
    "storage_keep_versions locked_at",
    "Delta": "id deltafile_id client_id project content last_status last_feedback "
    "last_modified_pk last_apply_attempt_at last_apply_attempt_by created_by",
    "ApplyJobDelta": "apply_job delta status feedback modified_pk",
    "Secret": "name type project value",
}


@pytest.mark.parametrize(("module", "name"), NAMES, ids=".".join)
def test_the_name_is_importable(module, name):
    """``from module import name`` works."""
    assert getattr(import_module(module), name)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_setting_is_defined(name):
    """``settings.NAME`` is no AttributeError."""
    assert hasattr(settings, name)


@pytest.mark.parametrize(
    ("model", "field"),
    [(model, field) for model, names in FIELDS.items() for field in names.split()],
    ids=".".join,
)
def test_the_model_has_the_field(model, field):
    """Each field of the contract is a field of the model."""
    models = import_module("qfieldcloud.core.models")
    assert getattr(models, model)._meta.get_field(field)


@pytest.mark.parametrize(
    ("enumeration", "values"),
    [
        (
            "Job.Status",
            "pending queued started finished stopped failed",
        ),
        ("Job.Type", "package delta_apply process_projectfile create_project"),
        (
            "Delta.Status",
            "pending started applied conflict not_applied error ignored unpermitted",
        ),
        ("Secret.Type", "pgservice envvar"),
        ("Project.PackagingOffliner", "qgiscore pythonmini"),
    ],
)
def test_the_values_are_the_contracts(enumeration, values):
    """Each enumeration has exactly the values of the contract."""
    model, name = enumeration.split(".")
    models = import_module("qfieldcloud.core.models")
    assert getattr(getattr(models, model), name).values == values.split()


@pytest.mark.parametrize(
    ("model", "table"),
    [
        ("core.Job", "core_job"),
        ("core.PackageJob", "core_packagejob"),
        ("core.ApplyJobDelta", "core_applyjobdelta"),
        ("authentication.AuthToken", "authentication_authtoken"),
    ],
)
def test_the_table_is_named_as_django_would(model, table):
    """Raw SQL written for QFieldCloud finds its tables."""
    from django.apps import apps

    assert apps.get_model(model)._meta.db_table == table
