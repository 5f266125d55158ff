"""Rules between two keys: each names the key, and says what would be right."""

import pytest

from harness.scenario import consistency
from harness.scenario.load import ScenarioMistakes

from .texts import scenario

CASES = {
    "a project that isn't there": (
        {"given": "{project: forest}"},
        "given.project: there is no project 'forest'. There are: broken, ",
    ),
    "delta_apply without deltafile": (
        {"job": "{type: delta_apply}"},
        "job.deltafile: a job of type delta_apply needs deltafile",
    ),
    "a deltafile for another type": (
        {"job": "{type: package, deltafile: trees.json}"},
        "job.deltafile: a job of type package takes no deltafile",
    ),
    "a deltafile that isn't there": (
        {"job": "{type: delta_apply, deltafile: nope.json}"},
        "job.deltafile: there is no 'nope.json' in fixtures/deltas. There are: ",
    ),
    "overwrite_conflicts for another type": (
        {"job": "{type: package, overwrite_conflicts: true}"},
        "job.overwrite_conflicts: goes with type delta_apply, not with package",
    ),
    "deltas expected of another type": (
        {"expect": "{status: finished, deltas: {applied: 1}}"},
        "expect.deltas: a job of type package has no deltas; remove it",
    ),
    "an unknown value of constance": (
        {"given": "{config: {WORKER_TIMEOUT: 3}}"},
        "given.config.WORKER_TIMEOUT: is not one of WORKER_TIMEOUT_S, ",
    ),
    "a setting of something else": (
        {"given": "{settings: {PATH: /bin}}"},
        "given.settings.PATH: is no setting of a wrapper; they begin with QFIELDCLOUD_",
    ),
    "rights taken away from Docker": (
        {"given": "{without: [{resource: pods/log}]}"},
        "given.without: Docker has no rights to take away: say "
        "`backends: [kubernetes]`",
    ),
    "a refusal expected of Docker": (
        {"expect": "{status: failed, denied: [{resource: jobs, verb: create}]}"},
        "expect.denied: Docker has no rights to refuse: say `backends: [kubernetes]`",
    ),
    "a signal that isn't one": (
        {"worker": "{signal: SIGFOO}"},
        "worker.signal: is no signal of Linux; write 9, KILL or SIGKILL",
    ),
    "an exit code and a signal": (
        {"worker": "{exit_code: 1, signal: 9}"},
        "worker.signal: excludes `exit_code`; keep one of them",
    ),
    "two ways with SIGTERM": (
        {"worker": "{ignore_sigterm: true, on_sigterm: {exit_code: 1}}"},
        "worker.ignore_sigterm: excludes `on_sigterm`; keep one of them",
    ),
    "two exit codes": (
        {
            "worker": "{exit_code: 1}",
            "expect": "{status: failed, worker_exit_code: 2}",
        },
        "expect.worker_exit_code: is 2, but worker.exit_code is 1; make them equal",
    ),
    "a report that never comes": (
        {"during": "[{at: worker_reported, do: sweep}]"},
        "during.0.at: is `worker_reported`, but only a scripted worker reports; "
        "script it, or say `worker_running`",
    ),
    "a secret given twice": (
        {
            "given": "{secrets: [{name: AB, type: envvar, value: x}, "
            "{name: AB, type: envvar, value: y}]}"
        },
        "given.secrets.1.name: AB is given twice; a project has each name once",
    ),
    "gone without a deletion": (
        {"expect": "{status: gone}"},
        "expect.status: is `gone`, but nothing in `during` does `delete_job_row`; "
        "add it, or `given.row_gone: true`",
    ),
    "another node without two": (
        {"given": "{other_node: shared}", "backends": "[kubernetes]"},
        "given.other_node: there has to be another node: say `needs: [two_nodes]`",
    ),
    "pending without a busy project": (
        {"expect": "{status: pending}"},
        "expect.status: is `pending`, which a job only stays with `given.busy: true`; "
        "add it",
    ),
}


@pytest.mark.parametrize(("changes", "message"), CASES.values(), ids=CASES)
def test_contradictions_are_found(changes: dict[str, str], message: str) -> None:
    """The message has the key's path and the correction."""
    with pytest.raises(ScenarioMistakes) as raised:
        scenario(**changes)
    assert message in str(raised.value)
    assert len(raised.value.mistakes) == 1


def test_every_rule_has_a_case() -> None:
    """A rule that no test breaks could say anything."""
    broken = set()
    for changes, _ in CASES.values():
        with pytest.raises(ScenarioMistakes) as raised:
            scenario(**changes)
        broken |= {one.key.split(".")[-1] for one in raised.value.mistakes}
    assert len(CASES) >= len(consistency.RULES)
    assert {"project", "deltafile", "deltas", "without", "signal", "status"} <= broken


def test_a_time_out_may_end_with_another_code() -> None:
    """The script's own end is not reached then."""
    scenario(
        worker="{exit_code: 0, run_s: 60}",
        expect="{status: failed, worker_exit_code: 143, error_type: TIMEOUT}",
    )


def test_all_contradictions_come_at_once() -> None:
    """One doesn't hide the other."""
    with pytest.raises(ScenarioMistakes) as raised:
        scenario(given="{project: forest}", job="{type: delta_apply}")
    assert {one.key for one in raised.value.mistakes} == {
        "given.project",
        "job.deltafile",
    }
