"""The page's words: names of verdicts, and the sentence that a run comes down to."""

from collections.abc import Iterable
from enum import Enum

from ...expectations.finding import Verdict
from ..model import CellReport, Report
from ..terminal import SIGNS

WORDS = {verdict: word for verdict, (_, _, word) in SIGNS.items()}
"""The same as on the terminal."""
ORDER = tuple(sorted(Verdict, key=lambda one: -one.rank))
"""From bad to good."""
BAD = (Verdict.ERROR, Verdict.FAIL)
SIMULATED = "simulated"


def slug(verdict: Enum | str) -> str:
    """A verdict in class names, queries and addresses: ``not-proven``."""
    value = verdict if isinstance(verdict, str) else str(verdict.value)
    return value.replace("_", "-")


def headline(report: Report) -> str:
    """The verdict in a few words; a simulated pass never reads like a real one."""
    word = WORDS[report.verdict].capitalize()
    if report.verdict is not Verdict.PASS:
        return word
    ran = [cell.proof for cell in report.cells if cell.verdict is Verdict.PASS]
    if all(proof == SIMULATED for proof in ran):
        return f"{word} in simulation"
    return f"{word}, partly in simulation" if SIMULATED in ran else word


def simulation(report: Report) -> str:
    """What must be said of simulated cells; empty where all was real."""
    ran = [cell for cell in report.cells if cell.proof]
    simulated = sum(cell.proof == SIMULATED for cell in ran)
    if not simulated:
        return ""
    if simulated < len(ran):
        return f"{simulated} of {cells(len(ran))} simulated, the others real"
    backends = {"docker": "Docker Engine", "kubernetes": "Kubernetes cluster"}
    used = sorted({backends.get(cell.backend, cell.backend) for cell in ran})
    return f"no real {' and no real '.join(used)} took part"


def sentence(report: Report) -> str:
    """The run in one or two sentences."""
    if not report.cells:
        return "No cell was run, so nothing is proven."
    parts = [_outcome(report)]
    if report.interrupted:
        parts.append("The run was interrupted: it says nothing of the cells left out.")
    return " ".join(parts)


def _outcome(report: Report) -> str:
    total, counts = len(report.cells), report.counts
    if report.verdict is Verdict.PASS:
        rest = total - counts[Verdict.PASS]
        if rest:
            return f"{counts[Verdict.PASS]} of {cells(total)} passed, {_list(report)}."
        return f"All {cells(total)} passed." if total > 1 else "The one cell passed."
    bad = [cell for cell in report.cells if cell.verdict is report.verdict]
    apart = _apart(report)
    if not bad and apart:
        return apart
    if not bad:
        return f"Of {cells(total)}, none failed: {_list(report)}."
    where = _scenarios(bad)
    some = f"{len(bad)} of {cells(total)}" if total > 1 else "The one cell"
    what = {
        Verdict.FAIL: f"{some} failed, in {where}.",
        Verdict.ERROR: (
            f"In {len(bad)} of {cells(total)} the harness itself went wrong, "
            f"in {where}: no word on the wrapper there."
        ),
        Verdict.NOT_PROVEN: (
            f"Nothing failed, but {len(bad)} of {cells(total)} could not be proven, "
            f"in {where}."
        ),
    }
    failed = counts[Verdict.FAIL]
    more = f" {failed} failed." if report.verdict is Verdict.ERROR and failed else ""
    outcome = what.get(report.verdict, f"{_list(report).capitalize()}.") + more
    return f"{outcome} {apart}".strip()


def _apart(report: Report) -> str:
    """What the comparison of the two backends found."""
    pairs = [one for one in report.parity if one.verdict is Verdict.FAIL]
    if not pairs:
        return ""
    count = plural(len(pairs), "scenario")
    verb = "behaves" if len(pairs) == 1 else "behave"
    return f"{count} {verb} differently on Docker and on Kubernetes."


def _list(report: Report) -> str:
    return ", ".join(
        f"{count} {WORDS[verdict]}"
        for verdict, count in sorted(report.counts.items(), key=lambda it: -it[0].rank)
        if count and verdict is not Verdict.PASS
    )


def _scenarios(some: Iterable[CellReport]) -> str:
    names = list(dict.fromkeys(cell.scenario for cell in some))
    if len(names) <= 2:
        return " and ".join(names)
    return f"{len(names)} scenarios"


def cells(count: int) -> str:
    """``1 cell``, ``2 cells``."""
    return plural(count, "cell")


def plural(count: int, noun: str) -> str:
    """A number and its noun: ``1 line``, ``1,204 lines``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def seconds(value: float) -> str:
    """A duration as a person reads it: ``0.021 s``, ``3.2 s``, ``4 min 7 s``."""
    if value < 1:
        return f"{value:.3f} s"
    if value < 100:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"
