"""Writes a report to a directory: the only part of ``report`` that touches the disk."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import HarnessFailure, UsageError
from .html import html
from .junit import junit as junit_xml
from .model import Report, as_json
from .vault import Vault

PAGE, DATA, JUNIT = "report.html", "report.json", "junit.xml"


def prepare(directory: Path, junit: Path | None = None) -> None:
    """Make the directory, and find out before a run whether it can be written.

    :param junit: another file that is to be written
    :raises UsageError: it can't
    """
    if junit is not None and junit.is_dir():
        raise UsageError(
            f"--junit {junit} is a folder.",
            f"Name a file, such as {junit / JUNIT}.",
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise UsageError(
            f"--report-dir {directory}: the report can't be written there: {error}",
            "Name another place with --report-dir.",
        ) from error


def dumped(report: Report) -> str:
    """The text of ``report.json``."""
    return json.dumps(as_json(report), indent=1, ensure_ascii=False) + "\n"


def texts(report: Report) -> dict[str, str]:
    """All that is written of a run, by file name."""
    return {DATA: dumped(report), JUNIT: junit_xml(report), PAGE: html(report)}


def save(
    report: Report, directory: Path, vault: Vault, *, junit: Path | None = None
) -> Path:
    """Write ``report.json``, ``junit.xml`` and ``report.html``; answers the page.

    :param vault: the values that must be in none of them
    :param junit: where the XML goes as well
    :raises HarnessFailure: one of them is, or the directory can't be written
    """
    written = texts(report)
    vault.verify(written)
    write(written, directory)
    if junit is not None:
        write({junit.name: written[JUNIT]}, junit.parent)
    return directory / PAGE


def write(written: Mapping[str, str], directory: Path) -> None:
    """Write texts to the files of a directory, each whole or not at all.

    :raises HarnessFailure: the directory can't be written
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            partial = directory / f"{name}.partial"
            try:
                # half a surrogate pair, which a wrapper may have written, isn't UTF-8
                partial.write_text(text, encoding="utf-8", errors="backslashreplace")
                partial.replace(directory / name)
            finally:
                partial.unlink(missing_ok=True)
    except OSError as error:
        raise HarnessFailure(
            f"The report can't be written to {directory}: {error}",
            "Make room there, or name another place with --report-dir.",
        ) from error


def read(file: Path) -> str:
    """The text of a report that an option names.

    :raises UsageError: it can't be read
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} can't be read: {error}", "Name a report that was written before."
        ) from error
