"""Writes a validation: masked first, then searched for every secret, then written."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

from ...preflight import model
from ...preflight.model import Validation
from ..redact import Redaction
from ..save import JUNIT, PAGE, read, write
from ..vault import Vault
from .compare import Comparison
from .html import html
from .junit import junit as junit_xml

DATA = "validation.json"
JOURNAL = "journal.jsonl"


def load(path: Path) -> Validation:
    """Read a report of an earlier validation.

    :raises UsageError: it can't be read, or is none
    """
    return model.loaded(read(path), str(path))


def masked(report: Validation, secrets: Mapping[str, str]) -> Validation:
    """The report without secret values, and with the account of what was masked."""
    redact = Redaction(secrets)
    data = json.loads(model.dumped(report))
    clean = {
        name: redact(value, name.replace("_", " ")) for name, value in data.items()
    }
    if not redact.masked:
        return report
    found = model.loaded(json.dumps(clean), "the masked report")
    return dataclasses.replace(found, masked=(*report.masked, *redact.masked))


def texts(report: Validation, comparison: Comparison | None = None) -> dict[str, str]:
    """All that is written of a validation, by file name."""
    return {
        DATA: model.dumped(report),
        JUNIT: junit_xml(report),
        PAGE: html(report, comparison),
    }


def save(
    report: Validation,
    directory: Path,
    vault: Vault,
    *,
    comparison: Comparison | None = None,
    junit: Path | None = None,
) -> Path:
    """Write ``validation.json``, ``junit.xml``, ``report.html``; answers the page.

    :param report: ``masked`` before
    :param vault: the values that must be in none of the files
    :param junit: where the XML goes as well
    :raises HarnessFailure: a secret would be written, or the directory can't be
    """
    written = texts(report, comparison)
    vault.verify(written)
    write(written, directory)
    if junit is not None:
        write({junit.name: written[JUNIT]}, junit.parent)
    return directory / PAGE
