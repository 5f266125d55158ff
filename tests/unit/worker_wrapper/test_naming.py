"""Names and labels: legal, and never the same for two different texts."""

import re

import pytest
from samples import JOB_ID

from worker_wrapper import naming

LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
DNS = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
ODD = [
    "prod/eu",
    "prod eu",
    "-prod-",
    "_worker",
    "Ümlaut",
    "日本語",
    "...",
    "a" * 64,
    "a" * 63 + "-",
    "x" * 200,
]


@pytest.mark.parametrize("text", ["", "prod", "prod_worker", "a.b-c", JOB_ID, "a" * 63])
def test_a_legal_label_stays(text):
    """Dashboards and scripts find what they always found."""
    assert naming.label_value(text) == text


@pytest.mark.parametrize("text", ODD)
def test_an_odd_text_becomes_a_legal_label(text):
    """As Kubernetes checks it, and not empty."""
    value = naming.label_value(text)
    assert LABEL.fullmatch(value)
    assert value


@pytest.mark.parametrize("text", [*ODD, "PROD", "prod_worker", "a.b"])
def test_an_odd_text_becomes_a_dns_label(text):
    """Jobs are named by it."""
    assert DNS.fullmatch(naming.dns_label(text))


def test_different_texts_stay_different():
    """They differ only in what can't be written."""
    near = ["prod/eu", "prod eu", "prod-eu", "prod_eu", "PROD-EU", "x" * 64, "x" * 65]
    assert len({naming.label_value(text) for text in near}) == len(near)
    assert len({naming.dns_label(text) for text in near}) == len(near)


def test_a_workers_name_is_the_same_at_each_try_and_fits():
    """A create that is tried again finds what the first try made."""
    for environment in ("prod", "x" * 100, "Prüfung"):
        name = naming.worker_name(environment, JOB_ID)
        assert name == naming.worker_name(environment, JOB_ID)
        assert DNS.fullmatch(name)
        assert name.endswith(JOB_ID)


def test_two_environments_never_share_a_worker():
    """They may lie in one namespace."""
    names = {naming.worker_name(one, JOB_ID) for one in ("a" * 30, "a" * 31, "A")}
    assert len(names) == 3


def test_the_app_label_is_qfieldclouds():
    """QFieldCloud's own sweep looks for it."""
    assert naming.app_label("dev") == "dev_worker"
