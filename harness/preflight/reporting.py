"""The report of a validation, whether or not it came to its end."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timezone

from . import (
    admission_diff,
    judging,
    registry,
    setting_rows,
    tables,
    untouched,
    verdict,
    waivers,
)
from .course import Course
from .facts import Facts
from .jobs import plan as planning
from .making import result
from .model import RealJob, Result, RightRow, RoleAdvice, Status, Validation
from .reader import stamp

OPTIONAL = {"QFV-920": "--app-image", "QFV-921": "--each-rule"}


def report(course: Course) -> Validation:
    """All that a course has seen so far, judged."""
    facts = course.facts()
    results = _results(course, facts, course.began.date())
    decision = verdict.decide(
        results,
        demanded=registry.CHECKS,
        require_proof=course.asked.require_proof,
        ended=course.ended,
    )
    rendered = facts.given.rendered
    rights: tuple[RightRow, ...] = ()
    role: RoleAdvice | None = None
    if course.given is not None:
        rights, role = tables.rights(facts, course.used), tables.role(facts)
    pod = facts.optional("dry:pod")
    return Validation(
        run_id=course.run_id,
        started=stamp(course.began),
        finished=stamp(datetime.now(timezone.utc)),
        scope=course.scope(),
        decision=decision,
        results=results,
        evidence=tuple(course.journal.evidence.values()),
        rights=rights,
        role=role,
        settings=setting_rows.rows(facts.given) if course.given else (),
        admission=admission_diff.changes(rendered.pod, pod)
        if pod and rendered.job
        else (),
        plan=course.plan,
        made=tuple(course.journal.made.values()),
        jobs=tuple(_judged_jobs(course.jobs, results)),
        calls=tables.calls(course.journal.counts),
        audit_filter=f'userAgent = "{course.agent}"',
        waivers=course.waivers,
        fingerprint=_fingerprint(course, facts),
        ended=course.ended,
        interrupted=course.interrupted,
    )


def _results(course: Course, facts: Facts, today: date) -> tuple[Result, ...]:
    if course.given is None:
        return _nothing_seen()
    found = [*judging.judge(facts, jobs_skipped=course.jobs_skipped), *course.more]
    for check, option in OPTIONAL.items():
        if not any(one.check == check for one in found):
            words = course.jobs_skipped or f"no {option} was given"
            found.append(result(check, Status.SKIPPED, words))
    clean_up = course.plan.clean_up if course.plan else ""
    command = clean_up.replace(planning.RUN, course.run_id)
    if course.own_namespace:
        command = f"kubectl delete namespace {course.own_namespace}"
    made = course.journal.made.values()
    found += (
        _untouched(course),
        untouched.nothing_left(made, course.left, command),
        untouched.nothing_written(tables.calls(course.journal.counts)),
    )
    waived = verdict.with_waivers(judging.folded(found), course.waivers, today)
    order = list(registry.CHECKS)
    everything = [*waived, *waivers.judged(course.waivers, waived, today)]
    return tuple(sorted(everything, key=lambda one: order.index(one.check)))


def _nothing_seen() -> tuple[Result, ...]:
    why = "not looked at: the validation ended before"
    first, *others = registry.CHECKS
    again = "You: mend what ended it, and run the same command."
    return (
        result(first, Status.NOT_PROVEN, why, who=again),
        *(result(one, Status.NOT_PROVEN, why, caused_by=first) for one in others),
    )


def _untouched(course: Course) -> Result:
    if course.before is None:
        words = "nothing but reads and dry runs was done"
        return result("QFV-952", Status.PASS, words)
    own = [f"qfc-validate-{course.run_id}"]
    if course.own_namespace:
        own.append(course.own_namespace)
    return untouched.judged(course.before, course.after, course.journal.written, own)


def _judged_jobs(
    jobs: Iterable[RealJob], results: Iterable[Result]
) -> Iterable[RealJob]:
    """Each job with the results that rest on it, and the worst of them."""
    for job in jobs:
        own = [one for one in results if f"job:{job.name}" in one.evidence]
        bad = [one for one in own if one.status in judging.BAD]
        status = Status.FAIL if bad or job.failure else Status.PASS
        words = job.failure or (f"check: {bad[0].seen}" if bad else "")
        yield replace(
            job, status=status, failure=words, results=tuple(one.id for one in own)
        )


def _fingerprint(course: Course, facts: Facts) -> dict[str, str]:
    version = facts.optional("version") or {}
    namespace = facts.optional("namespace") or {"metadata": {}}
    labels = namespace["metadata"].get("labels") or {}
    given, subject = facts.given, course.subject
    return {
        "harness": given.harness_version,
        "client": f"kubernetes {given.client_version}",
        "server": str(version.get("gitVersion", "")),
        "subject": f"{course.asked.subject} "
        f"{subject.sha256[:12] if subject else ''}".strip(),
        "namespace labels": " ".join(f"{k}={v}" for k, v in sorted(labels.items())),
        "settings": _digest(given.rendered.settings),
        "quotas": _digest(_specs(facts, "resourcequotas")),
        "roles": _digest(_specs(facts, "roles")),
        "nodes": ", ".join(
            f"{one['metadata']['name']} "
            f"{one['status'].get('nodeInfo', {}).get('kubeletVersion', '')}"
            for one in (facts.optional("nodes") or {}).get("items", ())
        ),
        "images": ", ".join(
            job.kubernetes.get("image_id", "") for job in course.jobs[:1]
        ),
    }


def _specs(facts: Facts, name: str) -> list[object]:
    found = facts.optional(name) or {"items": []}
    return [{key: one.get(key) for key in ("spec", "rules")} for one in found["items"]]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
