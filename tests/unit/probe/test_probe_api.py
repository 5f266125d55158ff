"""The probe's small HTTP client."""

import pytest


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://app/api/v1/", "app", 80),
        ("https://app/api/v1/", "app", 443),
        ("http://app:8000/api/v1/", "app", 8000),
        ("http://[::1]:8000/api/v1/", "::1", 8000),
        ("http://[::1]/api/v1/", "::1", 80),
    ],
)
def test_host_and_port(url: str, host: str, port: int) -> None:
    """Every form of an authority is understood."""
    import probe_api

    assert probe_api.ControlApi(url, "").host_and_port() == (host, port)


@pytest.mark.parametrize("url", ["", "app.example", "ftp://app/api/v1/"])
def test_url_that_is_none(url: str) -> None:
    """Without a usable URL the probe says so instead of failing."""
    import probe_api

    api = probe_api.ControlApi(url, "x")
    assert "not set or not an http(s) URL" in api.reach()["error"]
    assert api.script() is None
    assert api.post_report(b"{}") is False
