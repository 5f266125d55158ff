"""Reach, identity, namespace, versions, clock."""

import re
from collections.abc import Iterator
from datetime import timezone
from email.utils import parsedate_to_datetime

from ..facts import Facts, NotSeen, moment
from ..making import judged, result
from ..model import Fix, Result, Status
from .registering import judges

OLDEST = (1, 28)
NEWEST = (1, 35)
BROKEN_CLIENTS = {"36.0.0": "it sends no credentials"}
CLOCK_S = 30.0
"""A worker's token lives a minute longer than its job."""


@judges("QFV-101")
def reach(facts: Facts) -> Iterator[Result]:
    """``/version`` is answered, by something that is a Kubernetes API server."""
    one = facts.evidence.get("version")
    if one is None or not one.status:
        words = one.error if one else "it was not asked"
        yield result("QFV-101", Status.FAIL, words, evidence=["version"])
        return
    if one.status in (401, 403):
        yield result(
            "QFV-101", Status.PASS, f"it answers {one.status}", evidence=["version"]
        )
        return
    good = one.status == 200 and isinstance(one.body, dict) and "gitVersion" in one.body
    seen = f"Kubernetes {one.body['gitVersion']}" if good else f"{one.status}: "
    yield judged(
        good,
        "QFV-101",
        seen if good else seen + (one.error or "not a Kubernetes API server"),
        evidence=["version"],
        repeat="kubectl version",
    )


@judges("QFV-102")
def identity(facts: Facts) -> Iterator[Result]:
    """The server knows who asks."""
    found = facts.evidence.get("whoami")
    if found is None or not found.status:
        raise NotSeen(found.error if found else "this was not asked", "whoami")
    more = {"evidence": ["whoami"], "repeat": "kubectl auth whoami"}
    user = user_of(facts)
    if found.status == 401:
        yield result("QFV-102", Status.FAIL, f"401: {found.error}", **more)  # type: ignore[arg-type]
    elif found.status == 403 or user == "system:anonymous":
        seen = f"the server takes you for {user or 'nobody'}: {found.error}"
        yield result("QFV-102", Status.FAIL, seen.rstrip(": "), **more)  # type: ignore[arg-type]
    elif found.status == 404:  # before 1.28 there is no such review
        seen = "the server has no SelfSubjectReview, and answers your calls"
        yield result("QFV-102", Status.PASS, seen, **more)  # type: ignore[arg-type]
    else:
        yield judged(bool(user), "QFV-102", user or found.error, **more)


def user_of(facts: Facts) -> str:
    """Who the server says that you are; "" if it doesn't."""
    body = facts.optional("whoami")
    if not isinstance(body, dict):
        return ""
    info = (body.get("status") or {}).get("userInfo") or {}
    return str(info.get("username", ""))


@judges("QFV-103")
def namespace(facts: Facts) -> Iterator[Result]:
    """It is there and not about to go."""
    found = facts.one("namespace")
    name = facts.given.namespace
    more = {"evidence": ["namespace"], "repeat": f"kubectl get namespace {name}"}
    if found.status == 404:
        yield result("QFV-103", Status.FAIL, f"there is no {name}", **more)  # type: ignore[arg-type]
        return
    if found.status >= 300:
        account = facts.one("default account")
        if account.status == 200:
            seen = f"you may not get it, but its account default is there ({name})"
            yield result("QFV-103", Status.PASS, seen, evidence=["default account"])
            return
        raise NotSeen(f"{found.status}: {found.error}", "namespace")
    phase = str((found.body.get("status") or {}).get("phase", "Active"))
    yield judged(phase == "Active", "QFV-103", f"{name} is {phase}", **more)


def version_of(text: str) -> tuple[int, int]:
    """Major and minor of ``v1.34.3-eks-1``.

    >>> version_of("v1.34.3-eks-1")
    (1, 34)
    """
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@judges("QFV-104")
def server_version(facts: Facts) -> Iterator[Result]:
    """Not older than the oldest that is supported."""
    text = str(facts.body("version")["gitVersion"])
    oldest = ".".join(map(str, OLDEST))
    yield judged(
        version_of(text) >= OLDEST,
        "QFV-104",
        f"kubernetes {text} >={oldest}",
        expected=f">={oldest}",
        evidence=["version"],
        repeat="kubectl version",
    )


@judges("QFV-105")
def client_version(facts: Facts) -> Iterator[Result]:
    """The installed client isn't one that can't work."""
    version = facts.given.client_version
    broken = BROKEN_CLIENTS.get(version, "")
    seen = f"kubernetes {version} here: {broken or 'not known to be broken'}"
    yield judged(
        not broken,
        "QFV-105",
        seen,
        expected="not " + ", ".join(BROKEN_CLIENTS),
        repeat="pip show kubernetes",
    )


@judges("QFV-106")
def tried(facts: Facts) -> Iterator[Result]:
    """Not newer than what the harness knows."""
    text = str(facts.body("version")["gitVersion"])
    newest = ".".join(map(str, NEWEST))
    yield judged(
        version_of(text) <= NEWEST,
        "QFV-106",
        f"kubernetes {text} <={newest}, client {facts.given.client_version}, "
        f"harness {facts.given.harness_version}",
        expected=f"<={newest}",
        evidence=["version"],
    )


@judges("QFV-107")
def clock(facts: Facts) -> Iterator[Result]:
    """The answer's ``Date`` against the middle of the call."""
    found = facts.one("version")
    text = found.headers.get("Date", "")
    if not text:
        raise NotSeen("the server's answers have no Date", "version")
    there = parsedate_to_datetime(text).astimezone(timezone.utc)
    here = moment(found.at)
    late = (here - there).total_seconds() + found.seconds / 2 - 0.5
    yield judged(
        abs(late) <= CLOCK_S,
        "QFV-107",
        f"this machine's clock is {abs(late):.0f} s "
        f"{'ahead of' if late > 0 else 'behind'} the server's",
        expected=f"at most {CLOCK_S:.0f} s apart",
        evidence=["version"],
        fix=Fix(steps=("Compare `timedatectl` here and on the control plane.",))
        if abs(late) > CLOCK_S
        else None,
    )
