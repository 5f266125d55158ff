"""Rules for a scenario's faults: what no backend answers, no connection does."""

from collections.abc import Iterator, Sequence

from . import calls
from .fault import Fault
from .schema import Scenario

Found = Iterator[tuple[tuple[str | int, ...], str]]

_DOCKER_ANSWERS = (403, 409, 500, 503)
_READING = ("get", "list", "watch", "log")


def faults(scenario: Scenario) -> Found:
    """Each fault by itself, and whether every backend has one."""
    for number, fault in enumerate(scenario.faults):
        for key, message in _of_one(fault, scenario):
            yield ("faults", number, key), message
    if any(calls.unknown(fault.at) for fault in scenario.faults):
        return  # nobody knows what was meant
    for backend in scenario.backends if scenario.faults else ():
        if not any(backend in fault.backends for fault in scenario.faults):
            yield (
                ("faults",),
                f"has none for {backend}: add one, or take {backend} from `backends`",
            )


def _of_one(fault: Fault, scenario: Scenario) -> Iterator[tuple[str, str]]:
    wrong = calls.unknown(fault.at)
    if wrong:
        yield "at", f"{fault.at!r} {wrong}"
        return
    used = [one for one in fault.backends if one in scenario.backends]
    if not used:
        yield (
            "at",
            f"{fault.at!r} is a call of {fault.backends[0]} alone, which is not in "
            "`backends`; add it there",
        )
    if (fault.answer is None) == (fault.do is None):
        yield "at", "needs either `answer` or `do`"
        return
    if fault.answer is not None:
        yield from _answer(fault, used)
    else:
        yield from _deed(fault, used)
    if fault.retry_after_s is not None and fault.answer not in (429, 503):
        yield "retry_after_s", "goes with `answer: 429` or 503 only; remove it"
    if fault.for_s is not None and fault.do not in ("delay", "refuse"):
        yield "for_s", "goes with `do: delay` or `refuse` only; remove it"


def _answer(fault: Fault, used: Sequence[str]) -> Iterator[tuple[str, str]]:
    verb, status = fault.verb, fault.answer
    is_log = fault.at == "log" or fault.at.endswith("pods/log")
    if "docker" in used and status not in _DOCKER_ANSWERS:
        known = ", ".join(map(str, _DOCKER_ANSWERS))
        yield (
            "answer",
            f"the Docker Engine doesn't answer {status} (but {known}): name a call "
            "of Kubernetes in `at`, or leave docker out of `backends`",
        )
    if status == 400 and not is_log:
        yield "answer", "400 is what a log is refused with: say `at: get pods/log`"
    if status == 410 and verb not in ("list", "watch"):
        yield "answer", "410 is for lists and watches only: say `at: watch pods`"
    if status == 409 and verb in _READING:
        yield "answer", f"409 contradicts `at: {fault.at}`: reading has no conflicts"
    if fault.after is not None and not (status == 410 and verb == "watch"):
        yield (
            "after",
            "an answer comes before the stream, but for a watch's 410; remove it, or "
            "say `do: cut`",
        )


def _deed(fault: Fault, used: Sequence[str]) -> Iterator[tuple[str, str]]:
    if fault.after is not None and fault.do not in ("cut", "stall"):
        yield "after", f"`do: {fault.do}` has no stream to wait in; remove it"
    if fault.do == "delay" and fault.for_s is None:
        yield "do", "`delay` needs `for_s`: the seconds"
    if fault.do != "refuse":
        return
    if fault.times != 1:
        yield "times", "`refuse` is for a time: say `for_s`, or nothing for good"
    if fault.for_s is not None and "docker" in used:
        yield (
            "for_s",
            "a Docker socket on which nobody listens stays so for who has it mounted: "
            "remove it, say `do: reset`, or leave docker out of `backends`",
        )
