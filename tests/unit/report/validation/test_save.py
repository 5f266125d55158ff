"""What is written of a validation, and what is never written."""

import dataclasses

import pytest

from harness.preflight import model
from harness.preflight.model import Masked
from harness.report.validation.save import DATA, masked, save
from harness.report.vault import SecretInReport, Vault

from . import samples
from .given import evidence

SECRET = 'top "secret" & <more>'


def leaking():
    """A report whose evidence and log have a secret value."""
    report = samples.no_go()
    (job, *others) = report.jobs
    return dataclasses.replace(
        report,
        evidence=(evidence("settings", {"env": f"KEY={SECRET}"}),),
        jobs=(dataclasses.replace(job, log=f"using {SECRET}"), *others),
    )


def test_a_secret_is_masked_and_told(tmp_path):
    """Nothing of it is in any file, and the report says where it was."""
    clean = masked(leaking(), {"SECRET_KEY": SECRET})
    assert clean.masked == (
        Masked(name="SECRET_KEY", where="evidence", times=1),
        Masked(name="SECRET_KEY", where="jobs", times=1),
    )
    page = save(clean, tmp_path, Vault({"SECRET_KEY": SECRET}))
    assert "SECRET_KEY" in page.read_text("utf-8")
    for one in tmp_path.iterdir():
        assert "top " not in one.read_text("utf-8")


def test_a_secret_that_was_not_masked_stops_the_writing(tmp_path):
    """None of the files is there then."""
    with pytest.raises(SecretInReport, match="SECRET_KEY"):
        save(leaking(), tmp_path / "r", Vault({"SECRET_KEY": SECRET}))
    assert not (tmp_path / "r").exists()


def test_what_is_written_is_read_back(tmp_path):
    """The data beside the page is the whole report."""
    save(samples.no_go(), tmp_path, Vault(), junit=tmp_path / "ci" / "own.xml")
    assert model.loaded((tmp_path / DATA).read_text("utf-8")) == samples.no_go()
    assert (tmp_path / "ci" / "own.xml").read_bytes() == (
        tmp_path / "junit.xml"
    ).read_bytes()


def test_a_report_without_secrets_is_left_alone():
    """Masking nothing changes nothing."""
    report = samples.go()
    assert masked(report, {"SECRET_KEY": SECRET}) is report
