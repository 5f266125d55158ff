"""Requests to the control API without a server."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from .. import standin


@pytest.fixture
def control(app):
    """A request to a path below /_harness/; answers with status and JSON."""

    def request(method, path, body=None, token=standin.CONTROL_TOKEN):
        more = {"headers": {"x-harness-token": token}}
        if body is not None:
            text = body if isinstance(body, str) else json.dumps(body)
            more.update(data=text, content_type="application/json")
        response = getattr(Client(), method.lower())(f"/_harness/{path}", **more)
        return response.status_code, json.loads(response.content or "null")

    return request


@pytest.fixture
def arranged(control):
    """Arranges what is wanted, on top of a user and a project; answers with JSON."""

    def arrange(**wanted):
        body = {"user": {"username": "ada"}, "project": {"name": "trees"}, **wanted}
        status, answer = control("POST", "arrange", body)
        assert status == 200, answer
        return answer

    return arrange


@pytest.fixture
def job_id(arranged):
    return arranged(jobs=[{"type": "package"}])["jobs"][0]["id"]
