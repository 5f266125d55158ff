"""No secret value stands in what is written, in whatever form."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from harness.preflight.model import Masked
from harness.report import save
from harness.report.redact import Redaction, total
from harness.report.vault import SecretInReport, Vault

from . import samples
from .given import cell

VALUE = 'p&ss "wörd" +/?<1>\n'
FORMS = {
    "raw": VALUE,
    "json": json.dumps(VALUE),
    "json, not only ASCII": json.dumps(VALUE, ensure_ascii=False),
    "url": quote(VALUE, safe=""),
    "form": quote_plus(VALUE),
    "html": html.escape(VALUE),
    "base64": base64.b64encode(VALUE.encode()).decode(),
    "base64 for urls": base64.urlsafe_b64encode(VALUE.encode()).decode(),
    "base64 after one byte": base64.b64encode(b":" + VALUE.encode() + b"e").decode(),
    "base64 after two bytes": base64.b64encode(b"u:" + VALUE.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_value_is_found_in_each_form(form):
    """Wherever it stands, and the message names it and the file, not the value."""
    vault = Vault({"PGPASSWORD": VALUE, "other": "nothing to see"})
    text = f"<p>{'x' * 1000}{FORMS[form]} and more</p>"
    with pytest.raises(SecretInReport) as raised:
        vault.verify({"report.json": "fine", "report.html": text})
    assert "value of PGPASSWORD would stand in report.html" in str(raised.value)
    assert "wörd" not in str(raised.value)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_masked(form):
    """Then nothing is found, and the account says where and how often."""
    redact = Redaction({"PGPASSWORD": VALUE})
    text = redact({"a": [FORMS[form], f"x{FORMS[form]}x"]}, "logs")
    Vault({"PGPASSWORD": VALUE}).verify({"it": json.dumps(text), "too": str(text)})
    assert redact.masked == (Masked(name="PGPASSWORD", where="logs", times=2),)


def test_what_begins_like_a_secret_is_none():
    """Nor is a value too short to be told from chance."""
    vault = Vault({"long": "[survey]\nhost=db", "short": "db"})
    vault.verify({"report.html": "[survey]\nhost=other db"})


def test_nothing_is_written_if_a_secret_would_be(tmp_path):
    """None of the files, whichever the secret stands in."""
    vault = Vault()
    vault.hold({"token": samples.one_of_each().command})
    with pytest.raises(SecretInReport, match="token would stand in"):
        save.save(samples.one_of_each(), tmp_path / "r", vault)
    assert not (tmp_path / "r").exists()
    save.save(samples.few(), tmp_path / "r", Vault({"token": "not in there at all"}))
    assert len(list((tmp_path / "r").iterdir())) == 3


def test_a_run_sums_up_what_its_cells_masked():
    """By name and place."""
    one = Masked(name="token", where="findings", times=2)
    two = Masked(name="token", where="logs", times=1)
    assert total([one, two, one]) == (
        Masked(name="token", where="findings", times=4),
        two,
    )
    assert samples.report([cell("a", "docker")]).masked == ()
