"""What the real jobs showed: pure functions of what was seen of each."""

from collections.abc import Iterator, Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from ..facts import Facts, NotSeen, moment
from ..jobs.pod_seen import facts_of
from ..making import judged, result
from ..model import Proof, Result, Status
from .cluster import CLOCK_S
from .registering import judges

SETUP = "QFV-901"


def _proof(facts: Facts) -> Proof:
    version = facts.optional("version") or {}
    simulated = "simulator" in str(version.get("gitVersion", ""))
    return Proof.SIMULATED if simulated else Proof.REAL_JOB


def _job(facts: Facts, name: str) -> Mapping[str, Any]:
    """What was seen of a job.

    :raises NotSeen: it was not run to its start
    """
    one = facts.evidence.get(f"job:{name}")
    if one is None:
        raise NotSeen(f"the job {name} was not run", "", SETUP)
    seen: Mapping[str, Any] = one.body
    return seen


def _started(facts: Facts, name: str) -> Mapping[str, Any]:
    seen = _job(facts, name)
    if not has_started(seen):
        raise NotSeen(f"the job {name} did not start", f"job:{name}", SETUP)
    return seen


def has_started(seen: Mapping[str, Any]) -> bool:
    """Whether its program ever ran."""
    return seen.get("state") in ("running", "terminated")


def _told(facts: Facts, name: str, fact: str) -> Mapping[str, Any]:
    """A fact that a pod's program told.

    :raises NotSeen: it told none
    """
    seen = _started(facts, name)
    found = facts_of(str((seen.get("log") or {}).get("facts", "")))
    if fact not in found:
        if not found:
            code = seen.get("exit_code")
            why = f"its log has no word of the probe (exit code {code})"
            if seen.get("log_error"):
                why = f"its log can't be read: {seen['log_error']}"
            raise NotSeen(why, f"job:{name}", SETUP)
        raise NotSeen(f"the probe did not come to {fact}", f"job:{name}")
    return found[fact]


def why_not(seen: Mapping[str, Any]) -> str:
    """Why a pod did not start, word for word as the cluster says it."""
    words = [
        str(seen[key]) for key in ("error", "unscheduled", "waiting") if seen.get(key)
    ]
    events = [
        f"{one['reason']}: {one['message']}"
        for one in seen.get("events") or ()
        if one["type"] == "Warning"
    ]
    return "; ".join(dict.fromkeys([*words, *events])) or "no reason is told"


@judges(SETUP)
def starts(facts: Facts) -> Iterator[Result]:
    """The first job's pod ran, and its program told something."""
    seen = _job(facts, "look")
    more: dict[str, Any] = {"evidence": ["job:look"], "proof": _proof(facts)}
    if not has_started(seen):
        yield result(SETUP, Status.FAIL, why_not(seen), **more)
        return
    log = seen.get("log") or {}
    told = bool(facts_of(str(log.get("facts", ""))))
    if not told:
        words = f"exit code {seen.get('exit_code')}; its log: "
        words += repr(str(log.get("head", ""))[-300:] or seen.get("log_error"))
        yield result(SETUP, Status.FAIL, words, **more)
        return
    seconds = next(
        (m["at_s"] for m in seen["timeline"] if m["what"] in ("Running", "Succeeded")),
        0,
    )
    where = f"on {seen['node']} after {seconds} s" if seen.get("node") else ""
    yield result(SETUP, Status.PASS, f"{where}, image {seen.get('image_id')}", **more)


def _simple(facts: Facts, check: str, fact: str, words: str) -> Iterator[Result]:
    told = _told(facts, "look", fact)
    yield judged(
        bool(told["ok"]),
        check,
        words.format(**told) if told["ok"] else str(told["error"]),
        proof=_proof(facts),
        evidence=["job:look"],
    )


@judges("QFV-902")
def dns(facts: Facts) -> Iterator[Result]:
    """A good name is resolved, a bad one is not."""
    control = _told(facts, "look", "dns control")
    if control["ok"]:
        seen = f"{control['host']}, which exists nowhere, is resolved to "
        seen += f"{control['addresses']}: what a pod resolves proves nothing"
        yield result("QFV-902", Status.FAIL, seen, evidence=["job:look"])
        return
    yield from _simple(
        facts, "QFV-902", "dns", "{host}: {addresses}; a bad name is not resolved"
    )


@judges("QFV-903")
def tcp(facts: Facts) -> Iterator[Result]:
    """QFieldCloud's port is open, a closed one is closed."""
    if _told(facts, "look", "tcp control")["ok"]:
        raise NotSeen("a connection to a closed port succeeds in the pod", "job:look")
    yield from _simple(facts, "QFV-903", "tcp", "connected to {peer}")


@judges("QFV-904")
def tls(facts: Facts) -> Iterator[Result]:
    """The certificate is checked with what the worker's client trusts."""
    url = str(facts.given.rendered.settings.get("api_url", ""))
    if urlsplit(url).scheme != "https":
        yield result("QFV-904", Status.NOT_APPLICABLE, f"{url} is without TLS")
        return
    yield from _simple(
        facts, "QFV-904", "tls", "{version}, valid until {until}, by {authorities}"
    )


@judges("QFV-905")
def http(facts: Facts) -> Iterator[Result]:
    """Any answer of QFieldCloud's, but 400 (its ALLOWED_HOSTS) and 5xx."""
    told = _told(facts, "look", "http")
    if not told["ok"]:
        yield from _simple(facts, "QFV-905", "http", "")
        return
    status = int(told["status"])
    yield judged(
        status < 400 or status in (401, 403, 404, 405),
        "QFV-905",
        f"it answers {status}"
        + (f": {told['words'][:200]}" if status >= 400 and told.get("words") else ""),
        proof=_proof(facts),
        evidence=["job:look"],
    )


@judges("QFV-906")
def io(facts: Facts) -> Iterator[Result]:
    """Written by one worker, read by the next."""
    written = _told(facts, "look", "io")
    more: dict[str, Any] = {
        "proof": _proof(facts),
        "evidence": ["job:look", "job:log"],
    }
    if not written["ok"]:
        yield result("QFV-906", Status.FAIL, str(written["error"]), **more)
        return
    read = _told(facts, "log", "io again")
    free = int(written["free"]) // 1024**2
    seen = f"owner {written['owner']}, mode {written['mode']}, {free} MiB free"
    yield judged(
        bool(read["ok"]),
        "QFV-906",
        seen if read["ok"] else f"the next worker: {read['error']}",
        **more,
    )


@judges("QFV-907")
def grids(facts: Facts) -> Iterator[Result]:
    """Files in it, and no way to write them."""
    if not facts.settings().get("grids_claim"):
        yield result("QFV-907", Status.NOT_APPLICABLE, "the settings name no claim")
        return
    told = _told(facts, "look", "grids")
    if not told["ok"]:
        seen, good = str(told["error"]), False
    else:
        good = bool(told["files"]) and not told["writable"]
        seen = f"{told['files']} files" if told["files"] else "it is empty"
        seen += ", and a worker can write there" if told["writable"] else ""
    yield judged(good, "QFV-907", seen, proof=_proof(facts), evidence=["job:look"])


@judges("QFV-908")
def memory(facts: Facts) -> Iterator[Result]:
    """The cgroup's limit against the setting."""
    told = _told(facts, "look", "memory")
    wanted = int(facts.given.rendered.limits["WORKER_QGIS_MEMORY_LIMIT"])
    if not told["ok"]:
        raise NotSeen(str(told["error"]), "job:look")
    text = str(told["value"])
    good = text.isdecimal() and abs(int(text) - wanted) < 4096
    yield judged(
        good,
        "QFV-908",
        f"{told['file']}: {text}",
        expected=f"{wanted} bytes",
        proof=_proof(facts),
        evidence=["job:look"],
    )


@judges("QFV-909")
def killed(facts: Facts) -> Iterator[Result]:
    """137, and the reason."""
    seen = _started(facts, "memory")
    if seen.get("gave_up_s"):
        raise NotSeen("it did not end", "job:memory")
    code, reason = seen.get("exit_code"), seen.get("terminated_reason", "")
    words = f"exit code {code}, {reason or seen.get('reason') or 'no reason'}"
    if code == 0:
        words += ": it took as much as it liked"
    if code == 137 and reason != "OOMKilled":
        raise NotSeen(
            f"{words}: it was killed, but the runtime doesn't say that it was for its "
            "memory: containerd on cgroup v1 loses that now and then. Run it once more",
            "job:memory",
        )
    yield judged(
        code == 137,
        "QFV-909",
        words,
        expected="exit code 137, OOMKilled",
        proof=_proof(facts),
        evidence=["job:memory"],
    )


@judges("QFV-910")
def ended(facts: Facts) -> Iterator[Result]:
    """The pod's deadline ends it."""
    seen = _job(facts, "sleep")
    if not has_started(seen) and seen.get("reason") != "DeadlineExceeded":
        raise NotSeen(why_not(seen), "job:sleep", SETUP)
    good = seen.get("phase") == "Failed" and seen.get("reason") == "DeadlineExceeded"
    took = facts.one("job:sleep").seconds
    yield judged(
        good,
        "QFV-910",
        f"{seen.get('phase')}, {seen.get('reason') or 'no reason'} ({took:.0f} s)",
        expected="Failed, DeadlineExceeded",
        proof=_proof(facts),
        evidence=["job:sleep"],
    )


@judges("QFV-911")
def log(facts: Facts) -> Iterator[Result]:
    """Every numbered line of more than a file of log."""
    seen = _started(facts, "log")
    found = seen.get("log") or {}
    if seen.get("log_status") != 200:
        raise NotSeen(f"it can't be read: {seen.get('log_error')}", "job:log")
    after = seen.get("log_after") or {}
    facts_told = f"{found.get('facts', '')}\n{after.get('facts', '')}"
    told = facts_of(facts_told).get("written")
    if told is None and not found["lines"]:
        raise NotSeen("the job wrote none", "job:log", SETUP)
    first, last, size = found["first"], found["last"], found["bytes"]
    # followed to its file's end, and the next file read after that
    goes_on = after.get("first") == last + 1 and after.get("gaps") == 0
    end = after["last"] if goes_on else last
    whole = told is not None and end == told["lines"]
    good = whole and first == 1 and found["gaps"] == 0
    yield judged(
        good,
        "QFV-911",
        f"lines {first} to {last}, {found['gaps']} gaps, {size // 1024} KiB"
        + ("" if first <= 1 else ": its beginning is gone")
        + _rotated(seen),
        expected=f"lines 1 to {told['lines'] if told else '?'} without a gap",
        proof=_proof(facts),
        evidence=["job:log"],
    )


def _rotated(seen: Mapping[str, Any]) -> str:
    """What a reader who comes too late would be given."""
    after = seen.get("log_after")
    if not after:
        return ""
    if after["first"] > 1:
        return (
            f"; read after its end it begins at line {after['first']} (rotated): a "
            "wrapper has to follow it, as ours does"
        )
    return "; also when read after its end"


@judges("QFV-912")
def deleted(facts: Facts) -> Iterator[Result]:
    """What was left of each job after it was deleted."""
    jobs = {
        name.partition(":")[2]: one.body
        for name, one in facts.evidence.items()
        if name.startswith("job:") and "left" in one.body
    }
    if not jobs:
        raise NotSeen("no job was made", "", SETUP)
    left = {name: seen["left"] for name, seen in jobs.items() if seen["left"]}
    slowest = max(float(seen.get("gone_s", 0)) for seen in jobs.values())
    words = "; ".join(f"{name}: {', '.join(names)}" for name, names in left.items())
    yield judged(
        not left,
        "QFV-912",
        words or f"{len(jobs)} Jobs, gone after {slowest} s at the latest",
        proof=_proof(facts),
        evidence=[f"job:{name}" for name in jobs],
    )


@judges("QFV-913")
def clock(facts: Facts) -> Iterator[Result]:
    """The pod's clock against QFieldCloud's or, failing that, ours."""
    machine = _told(facts, "look", "machine")
    there = float(machine["time"])
    began = moment(facts.one("job:look").at).timestamp()
    version = facts.one("version")
    shift = 0.0
    if version.headers.get("Date"):
        date = parsedate_to_datetime(version.headers["Date"]).astimezone(timezone.utc)
        shift = date.timestamp() - moment(version.at).timestamp()
    early = began + shift - there
    late = there - (began + shift + facts.one("job:look").seconds)
    wrong = max(early, late, 0.0)
    yield judged(
        wrong <= CLOCK_S,
        "QFV-913",
        f"{wrong:.0f} s apart, time zone {machine['zone']}",
        expected=f"at most {CLOCK_S:.0f} s",
        proof=_proof(facts),
        evidence=["job:look", "version"],
    )


@judges("QFV-914")
def cgroup(facts: Facts) -> Iterator[Result]:
    """As the pod sees it."""
    machine = _told(facts, "look", "machine")
    yield judged(
        int(machine["cgroup"]) == 2,
        "QFV-914",
        f"cgroup v{machine['cgroup']}",
        proof=_proof(facts),
        evidence=["job:look"],
    )
