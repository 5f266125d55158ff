"""Whether what belongs to others is as it was, by UID and generation."""

from collections.abc import Iterable, Mapping

from .making import result
from .model import CallCount, Evidence, Fix, Made, Result, Status

PLURALS = (
    "jobs",
    "pods",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "serviceaccounts",
    "roles",
    "rolebindings",
)
LIVELY = ("jobs", "pods")
"""These come and go where somebody works."""
RUN_LABEL = "qfc-harness.run"
Seen = Mapping[str, Mapping[str, tuple[str, str]]]
"""Name and generation by UID, by plural."""


def foreign(evidence: Mapping[str, Evidence], run_id: str, prefix: str = "") -> Seen:
    """What is there that isn't the run's; kinds that can't be listed are left out."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for plural in PLURALS:
        one = evidence.get(f"{prefix}{plural}")
        if one is None or one.status != 200:
            continue
        found[plural] = {
            str(item["metadata"]["uid"]): (
                str(item["metadata"]["name"]),
                str(item["metadata"].get("generation", "")),
            )
            for item in one.body["items"] or ()  # null, of metadata alone
            if (item["metadata"].get("labels") or {}).get(RUN_LABEL) != run_id
        }
    return found


def judged(
    before: Seen, after: Seen, writes: Iterable[Evidence], own: Iterable[str]
) -> Result:
    """Whether a call of ours named anything that isn't ours; what changed besides.

    :param own: how the names of what the run makes begin
    """
    check = "QFV-952"
    prefixes = tuple(own)
    strange = [
        one.call
        for one in writes
        if not one.call.startswith("POST ")
        and not one.call.partition("?")[0].rsplit("/", 1)[-1].startswith(prefixes)
    ]
    if strange:
        return result(check, Status.FAIL, "; ".join(strange))
    if not after:
        return result(check, Status.NOT_PROVEN, "it could not be looked at afterwards")
    changed: dict[bool, list[str]] = {True: [], False: []}
    total = 0
    for plural, items in before.items():
        now = after.get(plural, {})
        total += len(items)
        for uid, (name, generation) in items.items():
            word = f"{plural[:-1]}/{name}"
            if uid not in now:
                changed[plural in LIVELY].append(f"{word} is gone")
            elif now[uid][1] != generation:
                changed[plural in LIVELY].append(f"{word} was changed")
    lasting, lively = changed[False], changed[True]
    words = f"{total - len(lasting) - len(lively)} of {total} objects are as they were"
    if lasting or lively:
        more = ", ".join([*lasting, *lively][:6])
        words += f"; not by a call of this run: {more}"
    status = Status.NOT_PROVEN if lasting else Status.PASS
    return result(check, status, words)


def nothing_written(counts: Iterable[CallCount]) -> Result:
    """The phase that is read-only made no writing call."""
    found = next((one for one in counts if one.phase == "read-only"), None)
    if found is None:
        return result("QFV-953", Status.NOT_PROVEN, "the phase was not reached")
    words = (
        f"read-only phase: {found.writes} writes, {found.dry_runs} dry runs, "
        f"{found.reviews} reviews, {found.reads} reads"
    )
    status = Status.FAIL if found.writes else Status.PASS
    return result("QFV-953", status, words)


def nothing_left(made: Iterable[Made], left: Iterable[str], command: str) -> Result:
    """Everything that was made is gone."""
    made, left = list(made), list(left)
    if not made:
        return result("QFV-951", Status.PASS, "nothing was made")
    words = f"{len(made)} objects were made, and are gone"
    if left:
        words = f"left, of {len(made)} that were made: {', '.join(left[:8])}"
        return result(
            "QFV-951", Status.FAIL, words, fix=Fix(command=command), repeat=command
        )
    return result("QFV-951", Status.PASS, words)
