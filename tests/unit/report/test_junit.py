"""The report as JUnit XML, as other programs read it."""

import dataclasses
from xml.etree import ElementTree as ET

import pytest

from harness.expectations.finding import Finding, Verdict
from harness.report.junit import explain, junit

from . import samples
from .given import cell, finding

CONTROL = "".join(map(chr, [*range(0x20), 0x7F, 0x85, 0xFFFE, 0xFFFF]))
LONE = "\ud800 \udfff"


def parsed(*cells: object, **more: object) -> ET.Element:
    """The XML of a report with these cells."""
    return ET.fromstring(junit(samples.report(cells, **more)))  # type: ignore[arg-type]


def test_a_suite_for_each_and_a_case_for_each_cell():
    """Named as in the matrix, with the counts that servers show."""
    bad = finding("row.status", Verdict.FAIL)
    broken = finding("simulator.gap", Verdict.ERROR)
    root = parsed(
        cell("package-trees", "docker"),
        cell("package-trees", "kubernetes", "simulated", bad),
        cell("memory-limit", "docker", "simulated", broken),
    )
    suites = {one.get("name"): one for one in root.iter("testsuite")}
    assert set(suites) == {"package-trees", "memory-limit"}
    names = [one.get("name") for one in suites["package-trees"].iter("testcase")]
    assert names == [
        "package-trees-docker-simulated",
        "package-trees-kubernetes-simulated",
    ]
    counted = [root.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert counted == ["3", "1", "1", "0"]
    assert suites["memory-limit"].get("errors") == "1"


def test_a_failure_carries_its_findings():
    """In short which checks, at length expected, actual, why and what to do."""
    bad = finding("row.status", Verdict.FAIL, expected="finished", actual="failed")
    (failure,) = parsed(cell("package-trees", "docker", "simulated", bad)).iter(
        "failure"
    )
    assert failure.get("message") == "row.status"
    text = failure.text or ""
    for line in explain(bad).splitlines():
        assert line.strip() in text
    assert "expected: finished" in text
    assert "actual:   failed" in text


def test_an_actual_value_that_is_empty_is_said():
    """Else what was expected stands there as if it had not been looked for."""
    bad = finding("expect.output", Verdict.FAIL, expected="abc", actual="")
    assert "actual:   (nothing)" in explain(bad)


@pytest.mark.parametrize(
    ("kind", "verdict"), [("failure", Verdict.FAIL), ("error", Verdict.ERROR)]
)
def test_the_harnesss_fault_is_an_error(kind: str, verdict: Verdict):
    """So that no wrapper is blamed for it."""
    root = parsed(
        cell("package-trees", "docker", "simulated", finding("row.status", verdict))
    )
    found = {one.tag for one in root.iter() if one.tag in ("failure", "error")}
    assert found == {kind}


def test_what_was_not_run_is_skipped_with_the_reason():
    """And never counts as passed."""
    why = "two_nodes: there is only one node"
    unproven = finding("worker.io", Verdict.NOT_PROVEN, message="No mounts here.")
    root = parsed(
        samples.skipped("memory-limit", "docker", "simulated", why),
        cell("package-trees", "docker", "simulated", unproven),
    )
    messages = [one.get("message") for one in root.iter("skipped")]
    assert messages == [f"skipped: {why}", "not_proven: No mounts here."]
    assert root.get("skipped") == "2"


@pytest.mark.parametrize("text", [CONTROL, LONE, "\x1b[31mred"], ids=ascii)
def test_whatever_a_worker_writes_is_legal_xml(text: str):
    """In texts and in attributes; what can't be written is replaced, not left out."""
    named = f"x{text}y"
    bad = Finding(
        check="row.status",
        verdict=Verdict.FAIL,
        **dict.fromkeys(("title", "expected", "actual", "message", "why"), named),
    )
    one = dataclasses.replace(
        cell("package-trees", "docker", "simulated"),
        **dict.fromkeys(("id", "scenario", "backend"), named),
        verdict=Verdict.FAIL,
        findings=(bad,),
    )
    why = samples.skipped("memory-limit", "docker", "simulated", named)
    written = junit(samples.report([one, why])).encode("utf-8")
    root = ET.fromstring(written)
    (failure,) = root.iter("failure")
    assert "expected: x" in (failure.text or "")
    (case,) = [one for one in root.iter("testcase") if one.find("failure") is not None]
    name = case.get("name") or ""
    assert name[0] + name[-1] == "xy"
    assert "\ufffd" in name or "\u241b" in name


def test_the_file_says_its_encoding(monkeypatch: pytest.MonkeyPatch):
    """UTF-8, whatever the locale is."""
    monkeypatch.setattr("locale.getpreferredencoding", lambda *_: "ANSI_X3.4-1968")
    first = junit(samples.report([])).partition("\n")[0]
    assert first == '<?xml version="1.0" encoding="utf-8"?>'


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_sample_can_be_read(name: str):
    """As many cases as cells, however hostile the texts."""
    report = samples.SAMPLES[name]()
    root = ET.fromstring(junit(report).encode("utf-8"))
    assert len(list(root.iter("testcase"))) == len(report.cells)


def test_an_earlier_look_is_in_the_output():
    """It doesn't count, and isn't lost."""
    bad = finding("row.status", Verdict.FAIL)
    again = dataclasses.replace(cell("package-trees", "docker"), earlier=((bad,),))
    root = parsed(again)
    (case,) = root.iter("testcase")
    assert root.get("failures") == "0"
    assert "row.status" in case.findtext("system-out", "")
