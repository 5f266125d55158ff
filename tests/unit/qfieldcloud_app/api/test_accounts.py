"""Login, logout, status."""

import pytest
from qfieldcloud.authentication.models import AuthToken


@pytest.mark.parametrize("name", ["ada", "ada@example.org"])
def test_login_gives_a_token_that_works(nobody, user, name):
    """By username or e-mail address."""
    response = nobody("POST", "auth/login/", {"username": name, "password": "s3cret"})
    assert response.status_code == 200
    token = AuthToken.objects.get(key=response.json()["token"])
    assert (token.user, token.is_active) == (user, True)
    assert response.json()["username"] == "ada"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [("sdk|py|0.18", "sdk"), ("qfield|3.4", "qfield"), ("curl/8", "unknown")],
)
def test_the_token_knows_its_client(nobody, user, agent, kind):
    """From the User-Agent."""
    fields = {"username": "ada", "password": "s3cret"}
    nobody("POST", "auth/login/", fields, user_agent=agent)
    assert AuthToken.objects.get().client_type == kind


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "ada", "password": "wrong"},
        {"username": "eve", "password": "s3cret"},
        {"username": "", "password": ""},
        {},
    ],
    ids=["password", "user", "empty", "nothing"],
)
def test_a_wrong_login_is_a_401(nobody, user, fields):
    """And makes no token."""
    response = nobody("POST", "auth/login/", fields)
    assert response.status_code == 401
    assert not AuthToken.objects.exists()


def test_logout_ends_the_token(owner):
    """The second request is a 401."""
    response = owner("POST", "auth/logout/")
    assert response.json() == {"detail": "Successfully logged out."}
    assert owner("GET", "projects/").status_code == 401


def test_the_status_needs_no_token(nobody, storage):
    """And tells when the storage is gone."""
    assert nobody("GET", "status/").json() == {"database": "ok", "storage": "ok"}
    storage.rmdir()
    assert nobody("GET", "status/").json()["storage"] == "error"
