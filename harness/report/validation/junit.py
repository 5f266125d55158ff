"""A validation as JUnit XML: a suite for each category, a test case for each result."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from ...preflight.model import Result, Severity, Status, Validation
from ..junit import DECLARATION
from ..page.plain_text import visible
from . import words

SKIPPED = (Status.SKIPPED, Status.NOT_PROVEN, Status.NOT_APPLICABLE)


def junit(report: Validation) -> str:
    """The XML text; characters that XML forbids are replaced by ones that can be seen.

    A blocker that failed is a failure, and a mistake of the harness an error. What was
    skipped, or could not be proven, is skipped, with the reason. A warning is passed,
    with a property and its words in ``system-out``; a waived failure likewise. The
    verdict is a case of its own, so that a validation that ended early is no pass.
    """
    root = ET.Element("testsuites", name="qfc-harness validate")
    suites: dict[str, list[Result]] = {}
    for one in report.results:
        suites.setdefault(one.category or "other", []).append(one)
    for name, results in suites.items():
        suite = ET.SubElement(root, "testsuite", name=name)
        for one in results:
            _case(suite, one, report)
        _count(suite)
    _verdict(root, report)
    _count(root)
    ET.indent(root)
    return DECLARATION + visible(ET.tostring(root, encoding="unicode")) + "\n"


def _case(suite: ET.Element, one: Result, report: Validation) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        name=f"{one.id} {one.title}",
        classname=_class(report),
        time=f"{one.duration_s:.3f}",
    )
    text = explain(one)
    if one.status in SKIPPED:
        reason = one.seen or one.who or "not asked for"
        word = one.status.value
        ET.SubElement(case, "skipped", message=f"{word}: {reason}")
    elif one.status is Status.ERROR:
        ET.SubElement(case, "error", message=one.seen or one.title).text = text
    elif one.status is Status.FAIL and _is_failure(one):
        ET.SubElement(case, "failure", message=one.seen or one.title).text = text
    elif one.status is Status.FAIL:
        kind = "waived" if one.waiver else one.severity.value
        properties = ET.SubElement(case, "properties")
        ET.SubElement(properties, "property", name=kind, value=one.seen or one.title)
        ET.SubElement(case, "system-out").text = text


def _is_failure(one: Result) -> bool:
    return one.severity is Severity.BLOCKER and one.waiver is None


def _verdict(root: ET.Element, report: Validation) -> None:
    suite = ET.SubElement(root, "testsuite", name="verdict")
    case = ET.SubElement(
        suite, "testcase", name="The verdict is not NO-GO", classname=_class(report)
    )
    case.set("time", "0.000")
    if words.SLUGS[report.decision.word] == "fail":
        said = f"{report.decision.word.value}: {words.sentence(report.decision)}"
        ET.SubElement(case, "failure", message=said).text = words.in_brief(report)
    else:
        ET.SubElement(case, "system-out").text = words.in_brief(report)
    _count(suite)


def _class(report: Validation) -> str:
    cluster = report.scope.context or report.scope.server
    return f"{cluster.replace('.', '_')}.{report.scope.namespace}"


def _count(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    counts = {"tests": len(cases)}
    for name, tag in (
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        counts[name] = sum(case.find(tag) is not None for case in cases)
    for name, count in counts.items():
        element.set(name, str(count))
    element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def explain(one: Result) -> str:
    """A result as some lines of text: seen, expected, why, what to do."""
    about: Iterable[tuple[str, str]] = (
        ("seen", one.seen),
        ("expected", one.expected),
        ("why", one.why),
        ("because of", one.caused_by),
        ("do", "\n".join(one.fix.steps)),
        ("command", one.fix.command),
        ("proven by", one.who if one.status in SKIPPED else ""),
        ("look yourself", one.repeat),
        ("waived", f"{one.waiver.owner}: {one.waiver.reason}" if one.waiver else ""),
    )
    lines = [f"{one.id} {words.sign_of(one)[1]}: {one.title}"]
    for name, value in about:
        if value:
            body = ("\n" + " " * 17).join(value.strip().splitlines())
            lines.append(f"  {name + ':':15}{body}")
    return "\n".join(lines)
