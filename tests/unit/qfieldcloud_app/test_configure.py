"""The environment: what it becomes, and how a running Django changes to another."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from qfieldcloud import configure


def test_every_qfieldcloud_variable_becomes_a_setting():
    """A variable that only a stranger's wrapper knows reaches it as text."""
    values = configure.from_environ({"QFIELDCLOUD_K8S_PVC": "7"})
    assert values["QFIELDCLOUD_K8S_PVC"] == "7"


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("QFIELDCLOUD_WORKER_BACKEND", "docker"),
        ("QFIELDCLOUD_K8S_NAMESPACE", "default"),
        ("QFIELDCLOUD_K8S_SERVICE_ACCOUNT", "qfieldcloud-worker"),
        ("DEBUG_QGIS_DEBUGPY_PORT", ""),
        ("ENVIRONMENT", "dev"),
        ("DEBUG", False),
    ],
)
def test_settings_that_wrappers_read_have_defaults(name, default):
    """With an empty environment each setting of the contract is there."""
    assert configure.from_environ({})[name] == default


def test_a_socket_directory_is_a_database_host():
    """POSTGRES_HOST is passed on, be it a name or a directory."""
    values = configure.from_environ({"POSTGRES_HOST": "/run/pg", "POSTGRES_DB": "d"})
    database = values["DATABASES"]["default"]
    assert (database["HOST"], database["NAME"]) == ("/run/pg", "d")


def test_a_flag_that_is_none_is_refused():
    """DEBUG=maybe is an error that names the variable and what to write."""
    with pytest.raises(ImproperlyConfigured, match=r"DEBUG is 'maybe'.*1 or 0"):
        configure.from_environ({"DEBUG": "maybe"})


def test_apply_changes_the_database(new_environ):
    """After apply, the connection goes to the other database."""
    names = set()
    for env in (new_environ(), new_environ()):
        connections.close_all()
        configure.apply(env)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            names.add(cursor.fetchone()[0])
    connections.close_all()
    assert len(names) == 2


def test_apply_refuses_an_open_connection(app, env):
    """A connection of the parent's would go to the wrong database."""
    connection.ensure_connection()
    with pytest.raises(ImproperlyConfigured, match="'default' is open"):
        configure.apply(env)


def test_apply_forgets_the_variables_of_before(env):
    """A setting that the new environment lacks is gone, or has its default."""
    connections.close_all()
    before = {"QFIELDCLOUD_ODD": "1", "QFIELDCLOUD_WORKER_BACKEND": "k8s"}
    configure.apply({**env, **before})
    configure.apply(env)
    assert not hasattr(settings, "QFIELDCLOUD_ODD")
    assert settings.QFIELDCLOUD_WORKER_BACKEND == "docker"


def test_config_values_are_those_of_the_new_database(new_environ):
    """Constance keeps nothing of the database before."""
    from constance import config

    for timeout in (600, 5):
        connections.close_all()
        configure.apply(new_environ())
        assert config.WORKER_TIMEOUT_S == 600
        config.WORKER_TIMEOUT_S = timeout
        assert timeout == config.WORKER_TIMEOUT_S
    connections.close_all()


def test_settings_need_no_database(env):
    """Importing everything opens no connection, so that a process can fork then."""
    code = (
        "import qfieldcloud.server\n"
        "from django.db import connections\n"
        "print([c.connection for c in connections.all()])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**env, "POSTGRES_HOST": "/nowhere"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[None]", done.stderr
