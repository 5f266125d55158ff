"""Docker beside Kubernetes: on the page, in JUnit, and in what a run comes down to."""

import dataclasses
from xml.etree import ElementTree as ET

import pytest

from harness.expectations.finding import Verdict
from harness.report.html import html
from harness.report.junit import junit
from harness.report.model import overall
from harness.report.outcome import exit_code
from harness.report.page.parity import MOST, parity_view
from harness.report.page.words import headline, sentence
from harness.report.parity import parity_reports
from harness.report.terminal import print_report

from .. import given, samples
from ..reading import Page, words

ALIKE = {"row.status": "finished", "row.container_id": "<container>"}


def cells(scenario="worker-given", environment=given.SIMULATED, **other):
    """A scenario's two cells; on Kubernetes with other facts."""
    known = {"row.container_id": "<Job's UID>"}
    return [
        dataclasses.replace(
            given.cell(scenario, backend, environment),
            facts=ALIKE if backend == "docker" else {**ALIKE, **known, **other},
        )
        for backend in samples.BACKENDS
    ]


def run(*some):
    """A report of these cells, with their pairs."""
    pairs = parity_reports(some)
    made = samples.report(some)
    verdict = overall(some, interrupted=False, parity=pairs)
    return dataclasses.replace(made, parity=pairs, verdict=verdict)


GOOD = run(*cells())
BAD = run(*cells(**{"probe.env EXTRA": "<b>1</b>"}))


def test_cells_of_one_name_and_proof_are_a_pair():
    """Simulated beside simulated, real beside real; a single cell is none."""
    mixed = [*cells(), *cells(environment=given.KIND), cells("exit-code-3")[0]]
    assert [(one.scenario, one.proof) for one in parity_reports(mixed)] == [
        ("worker-given", "simulated"),
        ("worker-given", "real"),
    ]


def test_a_cell_that_was_not_run_is_no_side():
    """There is nothing to compare with."""
    docker, kubernetes = cells()
    skipped = dataclasses.replace(kubernetes, verdict=Verdict.SKIPPED)
    assert parity_reports([docker, skipped]) == ()


def test_a_known_difference_passes_and_is_listed():
    """With its reason."""
    assert GOOD.verdict is Verdict.PASS
    assert GOOD.parity[0].known == ("container-id",)
    text = words(Page(html(GOOD)).one("section", id="parity").text)
    assert "1 scenario on both, 2 fields compared" in text
    assert "Nothing differs but what is known." in text
    assert "`container_id` is the container's id on Docker" in text


def test_another_difference_fails_the_run():
    """Although both cells passed."""
    assert {one.verdict for one in BAD.cells} == {Verdict.PASS}
    assert BAD.verdict is Verdict.FAIL
    assert exit_code(BAD) == 1
    assert exit_code(GOOD) == 0
    assert headline(BAD) == "Failed"
    expected = "1 scenario behaves differently on Docker and on Kubernetes."
    assert sentence(BAD) == expected


def test_the_page_names_the_field_and_both_values():
    """Escaped."""
    text = html(BAD)
    section = words(Page(text).one("section", id="parity").text)
    assert "1 field differs for no known reason" in section
    assert "probe.env EXTRA–<b>1</b>" in section
    assert "&lt;b&gt;1&lt;/b&gt;" in text


def test_junit_has_a_case_for_each_pair():
    """Counted with the cells."""
    root = ET.fromstring(junit(BAD))
    (case,) = (
        one
        for one in root.iter("testcase")
        if one.get("classname") == "parity.simulated"
    )
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "differing: probe.env EXTRA"
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    assert ET.fromstring(junit(GOOD)).get("failures") == "0"


def test_the_terminal_says_it_too():
    """The finding, and one line for all."""
    from rich.console import Console

    console = Console(record=True, width=120)
    print_report(console, BAD, page="")
    text = console.export_text()
    assert "FAIL parity.fields" in text
    assert "0 of 1 scenarios differ in nothing but what is known" in words(text)


def test_the_page_is_bounded():
    """report.json has the rest."""
    many = {f"probe.env A{number}": "1" for number in range(MOST + 7)}
    found = parity_view(run(*cells(**many)))
    assert (len(found.bad), found.left_out) == (MOST, 7)
    assert found.differing == MOST + 7


@pytest.mark.parametrize("report", [GOOD, BAD], ids=["good", "bad"])
def test_a_run_without_pairs_has_no_such_part(report):
    """Nor does a page of one backend."""
    alone = dataclasses.replace(report, parity=())
    assert 'id="parity"' in html(report)
    assert 'id="parity"' not in html(alone)
