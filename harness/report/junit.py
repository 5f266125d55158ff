"""The report as JUnit XML: a suite for each scenario, a test case for each cell."""

from xml.etree import ElementTree as ET

from ..expectations.finding import Finding, Verdict
from .model import CellReport, ParityReport, Report
from .page.plain_text import visible

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
"""ElementTree's own would name the locale's encoding; the file is always UTF-8."""


def junit(report: Report) -> str:
    """The XML text; characters that XML forbids are replaced by ones that can be seen.

    Failures and errors carry all findings; what was skipped or could not be proven
    is skipped, with the reason.
    """
    root = ET.Element("testsuites", name="qfc-harness")
    suites: dict[str, ET.Element] = {}
    for cell in report.cells:
        suite = suites.get(cell.scenario)
        if suite is None:
            suite = ET.SubElement(root, "testsuite", name=cell.scenario)
            suites[cell.scenario] = suite
        _case(suite, cell)
    for pair in report.parity:
        _pair(suites[pair.scenario], pair)
    for name, suite in suites.items():
        cells = [cell for cell in report.cells if cell.scenario == name]
        _count(suite, [*cells, *(one for one in report.parity if one.scenario == name)])
    _count(root, [*report.cells, *report.parity])
    root.set("time", f"{report.took_s:.3f}")  # cells ran side by side
    ET.indent(root)
    return DECLARATION + visible(ET.tostring(root, encoding="unicode")) + "\n"


def _case(suite: ET.Element, cell: CellReport) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        name=cell.id,
        classname=f"{cell.environment}.{cell.backend}",
        time=f"{cell.duration_s:.3f}",
    )
    bad = [one for one in cell.findings if one.verdict is cell.verdict]
    match cell.verdict:
        case Verdict.FAIL | Verdict.ERROR:
            kind = "failure" if cell.verdict is Verdict.FAIL else "error"
            message = ", ".join(dict.fromkeys(one.check for one in bad))
            element = ET.SubElement(case, kind, message=message)
            element.text = "\n\n".join(map(explain, cell.failures))
        case Verdict.NOT_PROVEN | Verdict.SKIPPED | Verdict.NOT_APPLICABLE:
            reasons = dict.fromkeys(one.message for one in bad if one.message)
            reason = "; ".join(reasons) or cell.verdict.value
            ET.SubElement(case, "skipped", message=f"{cell.verdict.value}: {reason}")
    if cell.earlier:
        said = ET.SubElement(case, "system-out")
        said.text = "\n\n".join(
            f"look {number}:\n" + "\n\n".join(map(explain, findings))
            for number, findings in enumerate(cell.earlier, start=1)
        )


def _pair(suite: ET.Element, pair: ParityReport) -> None:
    case = ET.SubElement(
        suite, "testcase", name=pair.id, classname=f"parity.{pair.proof}", time="0.000"
    )
    if pair.verdict is Verdict.FAIL:
        fields = ", ".join(one.field for one in pair.unexplained)
        element = ET.SubElement(case, "failure", message=f"differing: {fields}")
        element.text = "\n\n".join(map(explain, pair.findings))


def _count(element: ET.Element, cells: list[CellReport | ParityReport]) -> None:
    skipped = (Verdict.NOT_PROVEN, Verdict.SKIPPED, Verdict.NOT_APPLICABLE)
    element.set("tests", str(len(cells)))
    element.set("failures", str(sum(c.verdict is Verdict.FAIL for c in cells)))
    element.set("errors", str(sum(c.verdict is Verdict.ERROR for c in cells)))
    element.set("skipped", str(sum(c.verdict in skipped for c in cells)))
    took = sum(c.duration_s for c in cells if isinstance(c, CellReport))
    element.set("time", f"{took:.3f}")


def explain(finding: Finding) -> str:
    """A finding as a few lines of text: expected, actual, why, what to do."""
    lines = [f"{finding.verdict.value.upper()} {finding.check}: {finding.title}"]
    for name in ("message", "where", "expected", "actual", "why", "fix"):
        value = getattr(finding, name)
        if name == "actual" and finding.expected:
            value = value or "(nothing)"
        if value:
            lines.append(f"  {name + ':':10}{_indented(value)}")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return ("\n" + " " * 12).join(text.strip().splitlines())
