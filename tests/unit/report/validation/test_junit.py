"""A validation as JUnit XML, as other programs read it."""

from xml.etree import ElementTree as ET

import pytest

from harness.preflight.model import Status
from harness.report.validation.junit import junit

from . import samples


def parsed(name: str) -> ET.Element:
    """A sample's XML."""
    return ET.fromstring(junit(samples.SAMPLES[name]()).encode("utf-8"))


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_sample_can_be_read(name):
    """A case for each result, and one for the verdict; hostile texts too."""
    cases = list(parsed(name).iter("testcase"))
    assert len(cases) == len(samples.SAMPLES[name]().results) + 1
    for case in cases:
        assert float(case.get("time", "x")) >= 0


@pytest.mark.parametrize("name", ["go", "go-with-warnings", "no-go", "unreachable"])
def test_the_counts_are_those_of_the_cases(name):
    """Of the whole and of each suite; servers show what is written there."""
    root = parsed(name)
    for element in (root, *root.iter("testsuite")):
        for key, tag in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            found = len(list(element.iter(tag)))
            assert element.get(key) == str(found)
        assert element.get("tests") == str(len(list(element.iter("testcase"))))


def test_a_suite_is_a_category_and_a_case_has_id_and_title():
    """With cluster and namespace as its class."""
    suites = {one.get("name") for one in parsed("no-go").iter("testsuite")}
    assert {"admission", "rights", "real jobs", "verdict"} <= suites
    case = next(
        one
        for one in parsed("no-go").iter("testcase")
        if (one.get("name") or "").startswith("QFV-304")
    )
    assert case.get("name") == "QFV-304 The worker's pod is accepted"
    assert case.get("classname") == "prod-admin@prod.qfieldcloud-prod"
    failure = case.find("failure")
    assert failure is not None
    assert "exceeded quota" in failure.get("message", "")
    assert "do:            Raise the quota." in (failure.text or "")


def test_a_warning_is_passed_and_says_so():
    """A property and its words; a waived one likewise."""
    root = parsed("go-with-warnings")
    assert root.get("failures") == "0"
    names = [one.get("name") for one in root.iter("property")]
    assert names == ["warning", "warning", "waived"]
    told = [one for one in root.iter("testcase") if one.find("properties") is not None]
    assert all("seen:" in (one.findtext("system-out") or "") for one in told)


def test_what_is_not_proven_is_skipped_with_the_reason():
    """Never a pass."""
    messages = [
        one.get("message") for one in parsed("go-with-warnings").iter("skipped")
    ]
    assert messages == ["not_proven: You may not list nodes."] * 3


def test_the_harnesss_fault_is_an_error():
    """Not a failure of the cluster."""
    (error,) = parsed("no-go").iter("error")
    assert error.get("message") == "KeyError: 'metadata'"


@pytest.mark.parametrize("name", ["no-go", "killed", "unreachable"])
def test_no_go_is_a_failure_whatever_else(name):
    """A validation that was killed has no failed check, and is no pass."""
    report = samples.SAMPLES[name]()
    root = parsed(name)
    verdict = [one for one in root.iter("testsuite") if one.get("name") == "verdict"]
    assert "NO-GO" in verdict[0].find(".//failure").get("message")  # type: ignore[union-attr]
    if name == "killed":
        assert all(one.status is Status.PASS for one in report.results)
