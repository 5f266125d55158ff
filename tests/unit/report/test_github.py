"""Annotations for GitHub Actions."""

import dataclasses

from harness.expectations.finding import Verdict
from harness.report.github import MOST, commands_stopped, github

from . import samples
from .given import cell, finding


def test_what_failed_is_an_error_and_what_is_not_proven_a_warning():
    """Each with its cell and check, what was seen, and what to do."""
    text = github(samples.one_of_each())
    lines = text.splitlines()
    assert len([one for one in lines if one.startswith("::error ")]) == 5
    assert len([one for one in lines if one.startswith("::warning ")]) == 2
    assert (
        "::error title=package-trees-kubernetes-simulated%3A rbac.denied::" in lines[0]
    )
    assert "The Role lacks the rule" in lines[0]
    assert github(samples.all_passed()) == ""


def test_a_subjects_text_is_no_command():
    """Line ends, colons and percent signs are written as GitHub reads them."""
    evil = "x%0A\r\n::set-env name=PATH::/tmp"
    bad = finding("row.status", Verdict.FAIL, message=evil)
    one = dataclasses.replace(cell("a", "docker", "simulated", bad), id="a:b,c\n::x::")
    (line,) = github(samples.report([one])).splitlines()
    assert line.startswith("::error title=a%3Ab%2Cc%0A%3A%3Ax%3A%3A%3A row.status::")
    assert "x%250A%0D%0A::set-env" in line


def test_no_more_than_github_shows():
    """The last one says how many there are more."""
    bad = finding("row.status", Verdict.FAIL)
    cells = [cell(f"s{n}", "docker", "simulated", bad) for n in range(14)]
    lines = github(samples.report(cells)).splitlines()
    assert len(lines) == MOST
    assert lines[-1] == "::error title=and more::5 more of this kind are in the report."


def test_commands_are_stopped_while_others_text_is_printed():
    """With a token that nobody can guess, also when printing fails."""
    said: list[str] = []
    try:
        with commands_stopped(said.append, on=True):
            raise OSError
    except OSError:
        said.append("raised")
    stop, go, _ = said
    token = stop.removeprefix("::stop-commands::").strip()
    assert len(token) == 32
    assert go == f"::{token}::\n"
    with commands_stopped(said.append, on=False):
        assert said[3:] == []
