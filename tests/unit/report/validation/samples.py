"""Sample validations: each verdict, hostile text, two hundred checks, a killed one.

``python -m report.validation.samples DIRECTORY``, run in ``tests/unit``, writes each of
them as a page, to be looked at.
"""

import dataclasses
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from harness.preflight.model import Fix, Result, Status, Validation, Waiver
from harness.preflight.registry import CHECKS
from harness.report.validation.compare import Comparison, compare
from harness.report.validation.html import html

from .. import samples as run_samples
from .given import ROLE, SCOPE, all_passed, evidence, job, result, validation

HOSTILE = run_samples.HOSTILE.replace("\ud800", "")
LOOK = "A cluster admin runs the same command with their kubeconfig; then --merge it."


def go() -> Validation:
    """Everything passed."""
    return validation(all_passed())


def go_with_warnings() -> Validation:
    """Some warnings, some not proven, one waived."""
    found = all_passed()
    warnings = [one for one in CHECKS.values() if one.severity.value == "warning"]
    for one in warnings[:2]:
        found[one.id] = result(one.id, Status.FAIL)
    for one in warnings[2:5]:
        found[one.id] = result(
            one.id, Status.NOT_PROVEN, who=LOOK, seen="You may not list nodes."
        )
    waiver = Waiver(
        check=warnings[5].id,
        owner="a.meier",
        reason="The second node comes in June.",
        expires=date(2026, 6, 30),
    )
    found[warnings[5].id] = result(warnings[5].id, Status.FAIL, waiver=waiver)
    return validation(found, waivers=(waiver,))


def no_go() -> Validation:
    """One missing right with all that follows from it, and another blocker."""
    found = all_passed()
    found["QFV-304"] = result(
        "QFV-304",
        Status.FAIL,
        seen="403: pods is forbidden: exceeded quota: small, requested: memory=1000Mi, "
        "used: memory=3500Mi, limited: memory=4Gi",
        fix=Fix(
            steps=("Raise the quota.", "Run this validation again."),
            command="kubectl -n qfieldcloud-prod apply -f -",
            yaml=ROLE,
        ),
    )
    real = [one.id for one in CHECKS.values() if one.category == "real jobs"]
    for name in real:
        found[name] = result(
            name, Status.FAIL, caused_by="QFV-304", seen="The Job has no pod."
        )
    found["QFV-951"] = result("QFV-951", Status.ERROR, seen="KeyError: 'metadata'")
    settings = [one.id for one in CHECKS.values() if one.category == "settings"]
    found[settings[0]] = result(settings[0], Status.FAIL, seen="500 is 500 CPUs")
    found[settings[1]] = result(settings[1], Status.NOT_APPLICABLE)
    nodes = [one.id for one in CHECKS.values() if one.category == "nodes"]
    for name in nodes:
        found[name] = result(
            name, Status.NOT_PROVEN, who=LOOK, seen="You may not list nodes."
        )
    return validation(found, jobs=(job("probe", Status.FAIL), job("whole job")))


def unreachable() -> Validation:
    """Nothing could be looked at."""
    found = {}
    for number, name in enumerate(CHECKS):
        found[name] = result(
            name,
            Status.NOT_PROVEN,
            caused_by="QFV-101" if number else "",
            seen="The API server does not answer.",
            who="",
        )
    found["QFV-101"] = result(
        "QFV-101", Status.FAIL, seen="https://10.20.30.40:6443: connection refused"
    )
    empty: dict[str, object] = dict.fromkeys(
        ("evidence", "rights", "settings", "admission", "made", "jobs", "calls"), ()
    )
    return validation(
        found,
        **empty,
        role=None,
        plan=None,
        scope=dataclasses.replace(SCOPE, user="", context="", real_jobs=False),
        fingerprint={},
        audit_filter="",
    )


def killed() -> Validation:
    """It ended in the middle, and left something."""
    some = dict(list(all_passed().items())[:31])
    made = go().made
    return validation(
        some,
        ended="Ended at 12:03:11 in check 32 of 64",
        made=(*made, dataclasses.replace(made[0], name="qfv-4f2a91c0-2", gone=False)),
    )


def hostile() -> Validation:
    """Every text that comes from a cluster tries to break out."""
    texts = ("id", "title", "category", "seen", "expected", "why", "repeat", "who")
    evil = [
        dataclasses.replace(
            result("QFV-304", status),
            **dict.fromkeys((*texts, "caused_by", "doc"), HOSTILE),
            fix=Fix(steps=(HOSTILE, HOSTILE), command=HOSTILE, yaml=HOSTILE),
            evidence=(HOSTILE,),
            affects=(HOSTILE,),
        )
        for status in Status
    ]
    good = validation(evil)
    scope = dataclasses.replace(
        SCOPE,
        **dict.fromkeys(
            ("command", "kubeconfig", "context", "server", "namespace", "user"), HOSTILE
        ),
        merged=(HOSTILE,),
    )
    return dataclasses.replace(
        good,
        scope=scope,
        ended=HOSTILE,
        evidence=(
            dataclasses.replace(
                evidence(HOSTILE, {HOSTILE: HOSTILE}), error=HOSTILE, call=HOSTILE
            ),
            evidence(HOSTILE),
        ),
        rights=tuple(
            dataclasses.replace(one, verb=HOSTILE, resource=HOSTILE, said=HOSTILE)
            for one in good.rights
        ),
        admission=tuple(
            dataclasses.replace(one, returned=HOSTILE, consequence=HOSTILE)
            for one in good.admission
        ),
        jobs=tuple(
            dataclasses.replace(
                one,
                name=HOSTILE,
                log=HOSTILE,
                failure=HOSTILE,
                docker={HOSTILE: HOSTILE},
            )
            for one in good.jobs
        ),
        fingerprint={HOSTILE: HOSTILE},
        audit_filter=HOSTILE,
    )


def large() -> Validation:
    """Two hundred results with their evidence, and twenty long logs."""
    some: list[Result] = []
    names = list(CHECKS)
    for number in range(200):
        name = names[number % len(names)]
        status = Status.FAIL if number % 10 == 0 else Status.PASS
        one = result(name, status, id=f"{name}/{number:03d}", evidence=(f"e{number}",))
        some.append(one)
    answer = {"items": [{"name": f"object-{n}", "uid": "x" * 36} for n in range(300)]}
    return validation(
        some,
        evidence=tuple(evidence(f"e{n}", answer) for n in range(200)),
        jobs=tuple(
            job(f"job-{n}", Status.FAIL if n % 2 else Status.PASS, lines=2000)
            for n in range(20)
        ),
    )


SAMPLES: dict[str, Callable[[], Validation]] = {
    one.__name__.replace("_", "-"): one
    for one in (go, go_with_warnings, no_go, unreachable, killed, hostile, large)
}


PAGES = (*(f"validation-{name}" for name in SAMPLES), "validation-compared")


def compared() -> tuple[Validation, Comparison]:
    """A warning report beside an earlier NO-GO of another version."""
    now = go_with_warnings()
    old = no_go()
    without = [one for one in old.results if one.check != "QFV-954"]
    fingerprint = {**old.fingerprint, "server": "v1.33.4"}
    scope = dataclasses.replace(old.scope, replicas=1)
    old = dataclasses.replace(
        old, results=tuple(without), fingerprint=fingerprint, scope=scope
    )
    return now, compare(old, now)


def page(name: str) -> str:
    """A sample's page: ``validation-no-go``."""
    if name == "validation-compared":
        return html(*compared())
    return html(SAMPLES[name.removeprefix("validation-")]())


def pages() -> dict[str, str]:
    """Every sample as a page."""
    return {name: page(name) for name in PAGES}


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (directory / f"{name}.html").write_text(text, encoding="utf-8")
