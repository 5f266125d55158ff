"""Storing and deleting files beneath the API."""

import threading

import pytest
from django.db import connections, transaction
from qfieldcloud.core.exceptions import ValidationError
from qfieldcloud.filestorage import files
from qfieldcloud.filestorage.models import FileVersion


def test_uploads_at_once_get_a_version_each(project):
    """Eight threads write one name: eight versions, numbered without a gap."""

    def upload(number):
        content = {"a.txt": [str(number).encode()]}
        files.store(project, content, uploaded_by=project.owner)
        connections.close_all()

    threads = [threading.Thread(target=upload, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = FileVersion.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 9))


def test_bytes_stay_until_the_deletion_is_committed(project, storage):
    """A deletion that is rolled back has lost nothing."""
    files.store(project, {"a.txt": [b"x"]}, uploaded_by=project.owner)

    with transaction.atomic():
        files.delete(project, "a.txt")
        transaction.set_rollback(True)
    assert files.find(project, "a.txt").path.read_bytes() == b"x"
    files.delete(project, "a.txt")
    assert not list(storage.glob("versions/*/*"))


def test_several_files_are_stored_together_or_not_at_all(project, storage):
    """A bad name among them undoes the others."""
    contents = {"a.txt": [b"x"], "../b.txt": [b"x"]}
    with pytest.raises(ValidationError, match=r"'\.\./b\.txt' is no file name"):
        files.store(project, contents, uploaded_by=project.owner)
    assert not FileVersion.objects.exists()
    assert not list(storage.glob("versions/*/*"))


@pytest.mark.parametrize("name", ["", "/", "a/", ".", "a\0", "x" * 1025])
def test_what_is_no_name(name):
    """Empty, absolute, a folder, with NUL, too long."""
    with pytest.raises(ValidationError):
        files.check_name(name)
