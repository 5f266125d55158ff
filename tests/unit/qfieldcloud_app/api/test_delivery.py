"""Validators, conditions and ranges of a download."""

import hashlib

import pytest

CONTENT = bytes(range(200))


@pytest.fixture
def get(owner, project):
    """Downloads the file with these headers: status, body and response."""
    path = f"files/{project.pk}/Bäume 1.bin/"
    owner.upload(path, CONTENT)

    def request(**headers):
        response = owner("GET", path, **headers)
        body = (
            b"".join(response.streaming_content)
            if response.streaming
            else response.content
        )
        response.close()
        return response.status_code, body, response

    return request


def test_a_download_says_what_it_is(get):
    """Length, type, ETag and a name that any client can read."""
    status, body, response = get()
    assert (status, body) == (200, CONTENT)
    assert response["Content-Length"] == "200"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    assert "B%C3%A4ume%201.bin" in response["Content-Disposition"]


@pytest.mark.parametrize("form", ["{}", '"{}"', 'W/"{}"', '"x", "{}"', "*"])
def test_an_etag_that_matches_is_a_304(get, form):
    """Also without quotes, as the SDK sends it."""
    etag = get()[2]["ETag"].strip('"')
    status, body, response = get(if_none_match=form.format(etag))
    assert (status, body) == (304, b"")
    assert response["ETag"] == f'"{etag}"'


def test_an_etag_that_differs_sends_the_file(get):
    """The local file is another one."""
    assert get(if_none_match="d41d8cd98f00b204e9800998ecf8427e")[0] == 200


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=190-", 190, 200),
        ("bytes=-5", 195, 200),
        ("bytes=-500", 0, 200),
        ("bytes=150-999", 150, 200),
        ("bytes=199-199", 199, 200),
    ],
)
def test_a_range_is_a_206(get, asked, start, stop):
    """With the part asked for, and where it lies."""
    status, body, response = get(range=asked)
    assert (status, body) == (206, CONTENT[start:stop])
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/200"
    assert response["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=200-", "bytes=500-600", "bytes=-0"])
def test_a_range_outside_is_a_416(get, asked):
    """With the size, so that the client can ask again."""
    status, body, response = get(range=asked)
    assert (status, body) == (416, b"")
    assert response["Content-Range"] == "bytes */200"


@pytest.mark.parametrize(
    "asked", ["bytes=9-1", "lines=1-2", "bytes=-", "bytes=0-1,3-4"]
)
def test_a_range_that_makes_no_sense_is_ignored(get, asked):
    """The whole file is the answer."""
    assert get(range=asked)[:2] == (200, CONTENT)


def test_a_range_of_another_version_is_ignored(get):
    """If-Range: resuming a file that has changed starts anew."""
    etag = get()[2]["ETag"]
    assert get(range="bytes=0-9", if_range=etag)[0] == 206
    assert get(range="bytes=0-9", if_range='"other"')[:2] == (200, CONTENT)
