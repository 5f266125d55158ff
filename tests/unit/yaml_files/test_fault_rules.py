"""What a scenario's `faults` may say: nothing that no backend or connection does."""

import pytest

from harness.scenario.fault import STEPS
from harness.scenario.load import ScenarioMistakes
from harness.tap import chosen

from .texts import scenario

KUBERNETES = {"backends": "[kubernetes]"}
CASES = {
    "a step that is none": (
        {"faults": "[{at: creat, answer: 503}]"},
        "faults.0.at: 'creat' is no step. There are list, create, secret, start, "
        "launch, watch, log, remove; or write verb and resource",
    ),
    "a verb that is none": (
        {"faults": '[{at: "PSOT jobs", answer: 503}]'},
        "faults.0.at: 'PSOT jobs' names no call: 'PSOT' is no verb; did you mean "
        "`post`?",
    ),
    "a resource that is none": (
        {"faults": '[{at: "POST jbos", answer: 503}]'},
        "faults.0.at: 'POST jbos' names no call: there are no 'jbos'; did you mean "
        "`jobs`?",
    ),
    "neither answer nor deed": (
        {"faults": "[{at: create}]"},
        "faults.0.at: needs either `answer` or `do`",
    ),
    "both answer and deed": (
        {"faults": "[{at: create, answer: 503, do: reset}]"},
        "faults.0.at: needs either `answer` or `do`",
    ),
    "a call of another backend": (
        {**KUBERNETES, "faults": "[{at: create, do: reset}, {at: start, do: reset}]"},
        "faults.1.at: 'start' is a call of docker alone, which is not in `backends`; "
        "add it there",
    ),
    "a backend without": (
        {"faults": "[{at: POST jobs, answer: 503}]"},
        "faults: has none for docker: add one, or take docker from `backends`",
    ),
    "an answer that the engine never gives": (
        {"faults": "[{at: create, answer: 429}]"},
        "faults.0.answer: the Docker Engine doesn't answer 429 (but 403, 409, 500, "
        "503): name a call of Kubernetes in `at`, or leave docker out of `backends`",
    ),
    "an answer that only logs get": (
        {**KUBERNETES, "faults": "[{at: create jobs, answer: 400}]"},
        "faults.0.answer: 400 is what a log is refused with: say `at: get pods/log`",
    ),
    "410 to what has no past": (
        {**KUBERNETES, "faults": "[{at: create jobs, answer: 410}]"},
        "faults.0.answer: 410 is for lists and watches only: say `at: watch pods`",
    ),
    "a conflict of what changes nothing": (
        {**KUBERNETES, "faults": "[{at: get jobs, answer: 409}]"},
        "faults.0.answer: 409 contradicts `at: get jobs`: reading has no conflicts",
    ),
    "an answer in the middle": (
        {**KUBERNETES, "faults": "[{at: watch pods, answer: 503, after: 1}]"},
        "faults.0.after: an answer comes before the stream, but for a watch's 410; "
        "remove it, or say `do: cut`",
    ),
    "a reset in the middle": (
        {"faults": "[{at: watch, do: reset, after: 1}]"},
        "faults.0.after: `do: reset` has no stream to wait in; remove it",
    ),
    "a delay of no length": (
        {"faults": "[{at: watch, do: delay}]"},
        "faults.0.do: `delay` needs `for_s`: the seconds",
    ),
    "refused so many times": (
        {"faults": "[{at: create, do: refuse, times: 3}]"},
        "faults.0.times: `refuse` is for a time: say `for_s`, or nothing for good",
    ),
    "a socket that comes back": (
        {"faults": "[{at: create, do: refuse, for_s: 1}]"},
        "faults.0.for_s: a Docker socket on which nobody listens stays so for who has "
        "it mounted: remove it, say `do: reset`, or leave docker out of `backends`",
    ),
    "a time of nothing": (
        {"faults": "[{at: create, do: reset, for_s: 1}]"},
        "faults.0.for_s: goes with `do: delay` or `refuse` only; remove it",
    ),
    "a Retry-After of nothing": (
        {"faults": "[{at: create, answer: 500, retry_after_s: 1}]"},
        "faults.0.retry_after_s: goes with `answer: 429` or 503 only; remove it",
    ),
}


@pytest.mark.parametrize(("changes", "message"), CASES.values(), ids=CASES)
def test_what_is_impossible_is_refused(changes: dict[str, str], message: str) -> None:
    """With what would be right."""
    with pytest.raises(ScenarioMistakes) as raised:
        scenario(**changes)
    assert message in str(raised.value)
    assert len(raised.value.mistakes) == 1


@pytest.mark.parametrize(
    "faults",
    [
        '[{at: "POST jobs", answer: 429, retry_after_s: 1, times: 2}, '
        "{at: POST containers/create, answer: 500}]",
        '[{at: "*", do: refuse}]',
        "[{at: watch, do: stall, after: 0}, {at: log, do: cut, after: 3, nth: 2}]",
        "[{at: remove, answer: 503, times: 0}, {at: create, do: lose_answer}]",
    ],
)
def test_what_is_possible_is_taken(faults: str) -> None:
    """On both backends."""
    found = scenario(faults=faults).faults
    assert {one for fault in found for one in fault.backends} == {
        "docker",
        "kubernetes",
    }


def test_the_tap_knows_the_same_steps() -> None:
    """They are written down twice, since neither knows the other."""
    assert set(STEPS) == set(chosen.STEPS)
