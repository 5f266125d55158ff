"""What the row holds of the worker's own words: feedback and log."""

import re
from collections import Counter
from collections.abc import Iterator

from ..environment.seen import LogSeen
from ..replay.observation import Observation
from .finding import Result, cannot_look, check

FINAL = ("finished", "failed")
_PLAIN = re.compile(r"[\x20-\x7e]{3,}")
_SHOWN = 200
"""So many characters of a missing line."""
COMPARED_LINES = 300
KEPT_AT_LEAST = 256 * 1024
"""A wrapper may cut a log that is longer than twice this, if it says so."""


@check(
    "row.feedback",
    "A final row's feedback has container_exit_code and, on failure, error_origin.",
    why="QFieldCloud shows the error by its origin, and statistics count exit codes.",
    fix="Set what is missing in every case, also for errors of the wrapper's own.",
)
def feedback_shape(seen: Observation) -> Iterator[Result]:
    """An object with the keys that contract and invariants ask for."""
    row = seen.row
    if row is None or row["status"] not in FINAL:
        return
    feedback = row["feedback"]
    wanted = {"container_exit_code"}
    if row["status"] == "failed":
        wanted |= {"error", "error_origin"}
    present = set(feedback) if isinstance(feedback, dict) else set()
    yield Result(
        ok=wanted <= present,
        expected="an object with " + ", ".join(sorted(wanted)),
        actual=", ".join(sorted(present)) or repr(feedback),
        where="job.feedback",
        message=f"{' and '.join(sorted(wanted - present))}: missing."
        if wanted - present
        else "",
    )


@check(
    "feedback.steps",
    "The feedback has the steps of the job type, all completed.",
    why="QFieldCloud shows them to the map maker.",
    fix="Store the worker's feedback.json as it is.",
)
def steps(seen: Observation) -> Iterator[Result]:
    """The ids that the scenario names, each with stage 2."""
    wanted = seen.cell.scenario.expect.steps
    if not wanted:
        return
    told = {
        str(step.get("id")): step.get("stage")
        for step in seen.feedback.get("steps") or ()
        if isinstance(step, dict)
    }
    done = [name for name in wanted if told.get(name) == 2]
    yield Result(
        ok=len(done) == len(wanted),
        expected=", ".join(f"{name} 2" for name in wanted),
        actual=", ".join(f"{name} {stage}" for name, stage in told.items()),
        where="job.feedback.steps",
    )


@check(
    "output.whole",
    "The worker's whole log is the row's output.",
    why="The log is all that map maker and operator have to find a cause.",
    fix="Read the log before container or Job is removed; decode it so that no byte "
    "makes that fail.",
)
def whole(seen: Observation) -> Iterator[Result]:
    """Line by line, as far as both kept them."""
    worker, row = seen.worker, seen.row
    if not seen.cell.scenario.expect.output_whole or row is None:
        return
    if row["status"] not in FINAL or worker is None or not worker.pods:
        return
    if worker.started_at is None:
        return  # it never ran
    if worker.log is None or not worker.log.whole:
        yield cannot_look("The worker's log could not be followed.", "job.output")
        return
    missing = _missing(worker.log, row["output"] or "")
    yield Result(
        ok=not missing,
        expected=f"the worker's log ({worker.log.size} bytes)",
        actual=f"{len(row['output'] or '')} characters"
        + (f"; missing for example {missing[0][:_SHOWN]!r}" if missing else ""),
        where="job.output",
        message=f"{len(missing)} lines of the log are missing." if missing else "",
    )


def _missing(log: LogSeen, output: str) -> list[str]:
    """The log's plain lines that the output lacks; both ends of a log are looked at."""
    lines = [line.strip() for line in log.text.splitlines()]
    plain = [line for line in lines if _PLAIN.fullmatch(line)]
    if log.size > 2 * KEPT_AT_LEAST:
        head = log.head[:KEPT_AT_LEAST].decode(errors="replace").splitlines()[:-1]
        tail = log.tail[-KEPT_AT_LEAST:].decode(errors="replace").splitlines()[1:]
        plain = [line.strip() for line in (*head, *tail) if _PLAIN.fullmatch(line)]
    looked_at = dict.fromkeys([*plain[:COMPARED_LINES], *plain[-COMPARED_LINES:]])
    present = {line.strip() for line in output.splitlines()}
    return [line for line in looked_at if line not in present and line not in output]


@check(
    "output.once",
    "No line of the worker's log is in the output more often than in the log.",
    why="Doubled lines tell of steps and errors that weren't.",
    fix="Where a log is read on after it broke off, leave out what was read before.",
)
def once(seen: Observation) -> Iterator[Result]:
    """Line by line, where the log was seen whole."""
    worker, row = seen.worker, seen.row
    if worker is None or worker.log is None or row is None or not row["output"]:
        return
    log = worker.log
    if not log.whole or len(log.head) + len(log.tail) < log.size:
        return
    written = Counter(line.strip() for line in log.text.splitlines())
    told = Counter(line.strip() for line in str(row["output"]).splitlines())
    doubled = [line for line in written if line and told[line] > written[line]]
    yield Result(
        ok=not doubled,
        expected="each line as often as in the worker's log",
        actual=f"{len(doubled)} lines more often"
        + (f", for example {doubled[0]!r}" if doubled else ""),
        where="job.output",
    )


@check(
    "output.says-cut",
    "Where the output is shorter than the log, it says so.",
    why="A log that was cut in silence looks like a worker that stopped.",
    fix="Put a line where something is left out.",
)
def says_cut(seen: Observation) -> Iterator[Result]:
    """A line about bytes that were left out."""
    worker, row = seen.worker, seen.row
    if worker is None or worker.log is None or row is None or not row["output"]:
        return
    size, kept = worker.log.size, len(row["output"].encode(errors="replace"))
    if not worker.log.whole or size < 2 * KEPT_AT_LEAST or kept >= size:
        return
    words = re.search(
        r"[^\n]*(left out|truncat|omitted|skipped|cut)[^\n]*", row["output"]
    )
    yield Result(
        ok=words is not None,
        expected="a line that says how much is left out",
        actual=words[0][:200] if words else f"{kept} of {size} bytes, without a word",
        where="job.output",
    )


@check(
    "expect.output",
    "The output holds what the scenario expects, and not what it forbids.",
    why="The log is all that map maker and operator have to find a cause.",
    fix="Compare the worker's log with the row's output.",
)
def expected_output(seen: Observation) -> Iterator[Result]:
    """output_contains, output_lacks."""
    output = str((seen.row or {}).get("output") or "")
    for text in seen.cell.scenario.expect.output_contains:
        yield Result(
            ok=text in output, expected=text, actual=output[-500:], where="job.output"
        )
    for text in seen.cell.scenario.expect.output_lacks:
        yield Result(
            ok=text not in output,
            expected=f"not {text!r}",
            actual=output[-500:],
            where="job.output",
        )
