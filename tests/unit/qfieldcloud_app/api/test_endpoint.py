"""Tokens, methods and the shape of errors."""

import json
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from qfieldcloud.api import accounts

from .conftest import Caller


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "projects/"),
        ("POST", "auth/logout/"),
        ("GET", "jobs/{project}/"),
        ("GET", "files/{project}/"),
        ("POST", "files/{project}/a.txt/"),
        ("GET", "packages/{project}/latest/"),
        ("POST", "deltas/{project}/"),
        ("GET", "projects/{project}/seed/"),
    ],
)
def test_without_a_token_there_is_a_401(nobody, project, method, path):
    """Everything but the status and the login needs one."""
    response = nobody(method, path.format(project=project.pk))
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_an_unknown_token_is_a_401(project, tokens):
    """The body has QFieldCloud's code and message."""
    token = tokens()
    token.key = "no-such-key"
    response = Caller(token)("GET", "projects/")
    assert response.status_code == 401
    assert response.json() == {
        "code": "authentication_failed",
        "message": "Authentication failed",
    }


def test_an_expired_token_is_a_401(project, tokens):
    """A worker that takes too long loses its right to call."""
    token = tokens(client_type="worker", expires_at=timezone.now())
    assert Caller(token)("GET", f"files/{project.pk}/").status_code == 401
    token.expires_at = timezone.now() + timedelta(seconds=60)
    token.save()
    assert Caller(token)("GET", f"files/{project.pk}/").status_code == 200


def test_a_users_end_is_the_tokens_end(project, tokens, user):
    """An account that is no longer active can't call."""
    caller = Caller(tokens())
    user.is_active = False
    user.save()
    assert caller("GET", "projects/").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "jobs/", 405), ("GET", "nothing/", 404), ("GET", "jobs/x/", 404)],
)
def test_what_is_not_there_is_answered_in_json(owner, method, path, status):
    """Never Django's own page, not even with DEBUG."""
    with override_settings(DEBUG=True):
        response = owner(method, path)
    assert response.status_code == status
    assert set(response.json()) == {"code", "message", "debug"}


def test_debug_says_what_exactly_was_wrong(owner):
    """As in QFieldCloud, only with DEBUG."""
    path = "projects/00000000-0000-0000-0000-000000000000/"
    assert "debug" not in owner("GET", path).json()
    with override_settings(DEBUG=True):
        assert "00000000" in owner("GET", path).json()["debug"]["detail"]


def test_a_defect_is_a_500_in_json_and_in_the_log(nobody, monkeypatch, caplog):
    """The traceback is in the log, not in the answer."""
    monkeypatch.setattr(accounts.disk, "root", lambda: 1 / 0)
    response = nobody("GET", "status/")
    assert response.status_code == 500
    assert response.json()["code"] == "unknown_error"
    assert "ZeroDivisionError" in caplog.text


def test_json_bodies_work_as_forms_do(owner):
    """QField sends JSON, the SDK sends forms."""
    client = owner._client
    response = client.post(
        "/api/v1/projects/",
        json.dumps({"name": "json", "is_public": True}),
        content_type="application/json",
        headers=owner._headers,
    )
    assert response.status_code == 201
    assert response.json()["is_public"] is True


@pytest.mark.parametrize("body", ["{", "[1]"])
def test_a_body_that_is_no_object_is_a_400(owner, body):
    """Neither broken JSON nor a list."""
    response = owner._client.post(
        "/api/v1/projects/",
        body,
        content_type="application/json",
        headers=owner._headers,
    )
    assert (response.status_code, response.json()["code"]) == (400, "validation_error")
