"""Requests to the API without a server, as one user or another."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

PREFIX = "/api/v1/"


class Caller:
    """Django's test client with a token; paths are those of the API."""

    def __init__(self, token=None) -> None:
        self._client = Client()
        self._headers = {"authorization": f"Token {token.key}"} if token else {}

    def __call__(self, method: str, path: str, data=None, **headers: str):
        """A request; ``data`` goes as a form, or as multipart with POST."""
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        send = getattr(self._client, method.lower())
        more = {"headers": {**self._headers, **headers}}
        if method == "PATCH":
            more["content_type"] = "application/x-www-form-urlencoded"
        return send(PREFIX + path, data, **more)

    def upload(self, path: str, content: bytes = b"content"):
        """A multipart POST of one file."""
        file = SimpleUploadedFile("any", content)
        return self("POST", path, {"file": file})


@pytest.fixture
def tokens(user):
    """Makes tokens; ``tokens()`` is one of the project's owner."""
    from qfieldcloud.authentication.models import AuthToken
    from qfieldcloud.core.models import User

    def make(username="ada", **fields):
        owner, _ = User.objects.get_or_create(username=username)
        return AuthToken.objects.create(user=owner, **fields)

    return make


@pytest.fixture
def owner(tokens) -> Caller:
    return Caller(tokens())


@pytest.fixture
def stranger(tokens) -> Caller:
    return Caller(tokens("bob"))


@pytest.fixture
def worker(tokens) -> Caller:
    return Caller(tokens(client_type="worker"))


@pytest.fixture
def nobody(app) -> Caller:
    return Caller()
