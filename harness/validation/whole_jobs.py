"""Whole jobs in the operator's cluster: wrapper, stand-in and worker together."""

from ..environment.kubeconfig import NAME
from ..errors import HarnessError
from ..expectations.finding import Verdict
from ..preflight.course import Course
from ..preflight.making import result
from ..preflight.model import Proof, Result, Status
from ..report.model import CellReport
from ..run import Options, run
from ..settings import Settings

SAFE = "production-safe"
EACH_RULE = "rbac"
"""Scenarios that take one rule out of the Role, in objects of their own."""
_STATUS = {
    Verdict.PASS: Status.PASS,
    Verdict.FAIL: Status.FAIL,
    Verdict.ERROR: Status.ERROR,
    Verdict.SKIPPED: Status.SKIPPED,
    Verdict.NOT_PROVEN: Status.NOT_PROVEN,
    Verdict.NOT_APPLICABLE: Status.NOT_APPLICABLE,
}


def run_whole_jobs(course: Course, settings: Settings) -> None:
    """Each scenario that is safe there; one result for each."""
    each_rule = course.asked.each_rule
    options = Options(
        expression=f"{SAFE} or {EACH_RULE}" if each_rule else SAFE,
        backends=("kubernetes",),
        environment=NAME,
        subject=course.asked.subject,
        profile=course.asked.profile,
        at_once=1,
        command=course.asked.command,
    )

    def progress(cell: object, report: CellReport | None) -> None:
        del cell
        if report is not None:
            course.say(f"whole job {report.scenario}: {report.verdict.value}")

    try:
        report = run(options, settings, progress)
    except HarnessError as error:
        course.more.append(result("QFV-920", Status.NOT_PROVEN, str(error)))
        return
    course.more += [_of(cell) for cell in report.cells]


def _of(cell: CellReport) -> Result:
    words = "; ".join(
        f"{one.check}: expected {one.expected}, saw {one.actual}"
        for one in cell.failures[:3]
    )
    of_rule = EACH_RULE in cell.tags
    return result(
        "QFV-921" if of_rule else "QFV-920",
        _STATUS[cell.verdict],
        words or cell.skipped or f"{cell.duration_s:.1f} s",
        of=cell.scenario,
        title=f"The whole job {cell.scenario} ends as it should",
        expected=cell.description,
        proof=Proof.REAL_JOB,
        repeat=cell.repeat,
    )
