"""A validation from start to end on one screen; it always gives a report."""

import traceback
from collections.abc import Callable
from datetime import datetime, timezone

from ..errors import EnvironmentMissing, UsageError
from . import own_namespace, reporting
from .course import Course, Ended
from .model import Plan, Status, Validation, Word

NO_GO, USAGE, FAILED, INTERRUPTED = 1, 2, 4, 130
Consent = Callable[[Plan], str]
"""Asked before anything is made: "" for yes, else why not."""


def validate(
    course: Course,
    consent: Consent,
    whole_jobs: Callable[[Course], None] | None = None,
) -> tuple[Validation, int]:
    """The report and the exit code.

    :param whole_jobs: runs whole jobs through the wrapper, where that was asked for
    """
    code = 0
    try:
        course.prepare()
        if course.asked.create_namespace:
            _make_namespace(course, consent)
        course.look()
        _jobs(course, consent, whole_jobs)
    except (UsageError, EnvironmentMissing) as error:
        course.ended = " ".join(f"{error.message.rstrip('.')}. {error.hint}".split())
        code = USAGE
    except Ended as reason:
        course.ended = str(reason)
    except KeyboardInterrupt:
        at = datetime.now(timezone.utc).strftime("%H:%M:%S")
        course.ended = f"interrupted at {at} UTC"
        course.interrupted = True
        code = INTERRUPTED
    except Exception as error:  # ours, but what was seen until then is reported
        traceback.print_exc()
        words = f"{type(error).__name__}: {error}"
        course.ended = f"the harness itself failed ({words}); please report it"
        code = FAILED
    finally:
        _remove_namespace(course)
    report = reporting.report(course)
    for one in report.results:
        course.journal.note("result", one)
    course.journal.end(report)
    return report, code or exit_code(report)


def exit_code(report: Validation, *, fail_on_warn: bool = False) -> int:
    """0 GO, 1 NO-GO, 4 a mistake of the harness's own."""
    if any(one.status is Status.ERROR for one in report.results):
        return FAILED
    word = report.decision.word
    if word is Word.NO_GO or (fail_on_warn and word is Word.GO_WITH_WARNINGS):
        return NO_GO
    return 0


def _jobs(
    course: Course,
    consent: Consent,
    whole_jobs: Callable[[Course], None] | None,
) -> None:
    if course.plan is None:
        course.jobs_skipped = "the wrapper's manifests are not known"
        return
    unusable = course.unusable()
    refused = unusable or consent(course.plan)
    if refused:
        course.jobs_skipped = refused
        return
    course.run_jobs()
    if whole_jobs is not None:
        whole_jobs(course)


def _make_namespace(course: Course, consent: Consent) -> None:
    """A namespace of its own is made before there is a plan: only with consent."""
    assert course.given is not None
    assert course.reader is not None
    if not (course.asked.yes or course.asked.yes_plan):
        raise UsageError(
            "--create-namespace makes a namespace, and nobody agreed to that.",
            "Add --yes, or name a namespace that is there.",
        )
    del consent
    course.journal.enter("own namespace")
    course.own_namespace = course.given.namespace
    own_namespace.create(course.reader, course.own_namespace, course.run_id)


def _remove_namespace(course: Course) -> None:
    if not course.own_namespace or course.reader is None:
        return
    course.journal.enter("own namespace's end")
    answer = own_namespace.delete(course.reader, course.own_namespace)
    if answer.status not in (200, 202, 404):
        course.left.append(f"namespace/{course.own_namespace}: {answer.error}")
        return
    course.removed(course.own_namespace)
