"""Bytes on disk, and their sums."""

import hashlib

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from qfieldcloud.filestorage import disk
from qfieldcloud_sdk.utils import calc_etag

PART = disk.PART_BYTES


@pytest.mark.parametrize(
    "size", [0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 5]
)
@pytest.mark.parametrize("chunk", [65536, 3_000_001])
def test_the_etag_is_the_one_that_the_sdk_calculates(tmp_path, size, chunk):
    """Else the client would send or fetch every large file again."""
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    chunks = [content[i : i + chunk] for i in range(0, size, chunk)]
    digests = disk.write(tmp_path / "new" / "file", chunks)
    assert digests.etag == calc_etag(str(tmp_path / "new" / "file"))
    assert digests.size == size
    assert digests.sha256 == hashlib.sha256(content).hexdigest()
    assert digests.md5sum == hashlib.md5(content).hexdigest()


def test_without_a_directory_the_error_names_the_variable(app):
    """The message says what to set."""
    with (
        override_settings(QFC_APP_STORAGE_DIR=""),
        pytest.raises(ImproperlyConfigured, match="QFC_APP_STORAGE_DIR"),
    ):
        disk.root()
