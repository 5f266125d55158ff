"""The verdict, from results and waivers."""

from dataclasses import replace
from datetime import date

import pytest

from harness.errors import UsageError
from harness.preflight import model
from harness.preflight.model import Proof, Result, Severity, Status, Waiver, Word
from harness.preflight.verdict import decide, with_waivers

GOOD = Result(
    id="QFV-101",
    check="QFV-101",
    title="The API server answers",
    category="cluster",
    status=Status.PASS,
    severity=Severity.BLOCKER,
)
TODAY = date(2026, 5, 3)


def _other(**changes) -> Result:
    return replace(GOOD, id="QFV-104", check="QFV-104", **changes)


BOTH = ("QFV-101", "QFV-104")


def test_go() -> None:
    """Every demanded check passed."""
    found = decide([GOOD, _other()], demanded=BOTH)
    assert found.word is Word.GO
    assert found.checks_run == 2


@pytest.mark.parametrize("status", [Status.FAIL, Status.ERROR])
def test_a_blocker_that_fails(status: Status) -> None:
    """It is NO-GO, and it is named."""
    found = decide([GOOD, _other(status=status, seen="1.27")], demanded=BOTH)
    assert found.word is Word.NO_GO
    assert [one.result for one in found.blockers] == ["QFV-104"]
    assert "1.27" in found.blockers[0].text


@pytest.mark.parametrize("status", [Status.NOT_PROVEN, Status.SKIPPED])
def test_a_blocker_that_nobody_looked_at(status: Status) -> None:
    """It is never GO; with --require-proof it is NO-GO."""
    results = [GOOD, _other(status=status)]
    assert decide(results, demanded=BOTH).word is Word.GO_WITH_WARNINGS
    assert decide(results, demanded=BOTH, require_proof=True).word is Word.NO_GO


def test_a_warning_that_fails() -> None:
    """It is no blocker, and no GO either."""
    results = [GOOD, _other(status=Status.FAIL, severity=Severity.WARNING)]
    assert decide(results, demanded=BOTH).word is Word.GO_WITH_WARNINGS


def test_too_few_checks() -> None:
    """A check without a result is NO-GO, and so is a report of nothing."""
    assert decide([GOOD], demanded=BOTH).word is Word.NO_GO
    assert "QFV-104" in decide([GOOD], demanded=BOTH).sentence
    assert decide([], demanded=()).word is Word.NO_GO


def test_an_end_before_the_end() -> None:
    """What ended early is NO-GO, whatever passed until then."""
    found = decide([GOOD, _other()], demanded=BOTH, ended="interrupted")
    assert found.word is Word.NO_GO
    assert found.sentence == "interrupted."


def test_what_follows_is_folded() -> None:
    """One cause is one reason, with the others below it."""
    cause = replace(GOOD, status=Status.FAIL)
    found = decide(
        [cause, _other(status=Status.FAIL, caused_by="QFV-101")], demanded=BOTH
    )
    assert [one.result for one in found.blockers] == ["QFV-101"]
    assert found.blockers[0].because_of_it == ("QFV-104",)


def test_a_warning_that_follows_from_a_blocker_is_folded_into_it() -> None:
    """But a blocker is never folded into a warning, nor a cause into itself."""
    cause = replace(GOOD, status=Status.FAIL, caused_by=GOOD.id)
    follows = _other(status=Status.FAIL, severity=Severity.WARNING, caused_by=GOOD.id)
    found = decide([cause, follows], demanded=BOTH)
    assert [one.result for one in found.blockers] == [GOOD.id]
    assert found.warnings == ()
    turned = [
        replace(GOOD, status=Status.FAIL, caused_by=follows.id),
        replace(follows, caused_by=""),
    ]
    found = decide(turned, demanded=BOTH)
    assert [one.result for one in found.blockers] == [GOOD.id]
    assert [one.result for one in found.warnings] == [follows.id]


def test_a_waiver_has_an_end() -> None:
    """Until its day a waived blocker is a warning; after it, a blocker again."""
    waiver = Waiver(check="QFV-104", owner="ops", reason="known", expires=TODAY)
    results = [GOOD, _other(status=Status.FAIL)]
    waived = decide(with_waivers(results, [waiver], TODAY), demanded=BOTH)
    assert waived.word is Word.GO_WITH_WARNINGS
    assert [one.result for one in waived.waived] == ["QFV-104"]
    late = with_waivers(results, [waiver], date(2026, 5, 4))
    assert decide(late, demanded=BOTH).word is Word.NO_GO


def test_the_weakest_proof_is_told() -> None:
    """Of the blockers that passed."""
    results = [replace(GOOD, proof=Proof.REAL_JOB), _other(proof=Proof.ASKED)]
    assert decide(results, demanded=BOTH).weakest_proof is Proof.ASKED


def test_a_report_is_read_back() -> None:
    """What is dumped is loaded as it was; what is no report is refused."""
    report = model.Validation(
        run_id="1",
        started="2026-05-03T12:00:00Z",
        finished="2026-05-03T12:01:00Z",
        scope=model.Scope(
            command="qfc-harness validate",
            kubeconfig="k",
            context="c",
            server="https://x",
            namespace="n",
            user="u",
            subject="s",
            service_account="a",
            replicas=1,
            real_jobs=False,
        ),
        decision=decide([GOOD], demanded=["QFV-101"]),
        results=(GOOD,),
    )
    assert model.loaded(model.dumped(report)) == report
    with pytest.raises(UsageError, match="run_id"):
        model.loaded("{}")
