"""Secrets as the worker's process gets them."""

import logging
import stat
from pathlib import Path

import pytest
from qfc_worker import secrets


def test_service_file_is_written_and_named(tmp_path: Path) -> None:
    """libpq finds the services; nobody else can read the file."""
    contents = "[survey]\nhost=db\npassword=ü\n"
    added = secrets.settle({"PGSERVICE_FILE_CONTENTS": contents}, tmp_path)
    file = Path(added["PGSERVICEFILE"])
    assert file.read_text("utf-8") == contents
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_services_there_is_no_file(tmp_path: Path) -> None:
    """Nothing is set and nothing is written."""
    assert secrets.settle({}, tmp_path) == {}
    assert not list(tmp_path.iterdir())


def test_announced_secret_that_is_not_passed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A name without its variable is a warning: a wrapper lost the secret."""
    environ = {"QFIELDCLOUD_EXTRA_ENVVARS": '["A", "B"]', "A": "1"}
    with caplog.at_level(logging.WARNING):
        secrets.settle(environ, tmp_path)
    assert "announced but not passed: B" in caplog.text


@pytest.mark.parametrize("value", ["A,B", '{"A": 1}', "[1]"])
def test_names_that_are_no_list(
    value: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Anything but a JSON list of names is ignored, and that is said."""
    with caplog.at_level(logging.WARNING):
        secrets.settle({"QFIELDCLOUD_EXTRA_ENVVARS": value}, tmp_path)
    assert "not a JSON list" in caplog.text
