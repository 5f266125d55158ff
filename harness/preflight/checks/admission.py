"""What the server's dry runs said of the wrapper's own objects."""

from collections.abc import Iterator
from typing import Any

from .. import admission_diff
from ..facts import Facts, NotSeen
from ..making import judged, result
from ..model import Evidence, Proof, Result, Status
from .registering import judges

ENFORCE = "pod-security.kubernetes.io/enforce"
_CAUSES = (
    ("violates PodSecurity", "QFV-305"),
    ("exceeded quota", "QFV-310"),
    ("must specify", "QFV-310"),
    ("usage per Container", "QFV-312"),
    ("usage per Pod", "QFV-312"),
    ("service account", "QFV-215"),
    ("serviceaccount", "QFV-215"),
)


def is_for_want_of_rights(found: Evidence) -> bool:
    """Whether a 403 is the authorizer's, and not admission's."""
    return found.status == 403 and " cannot " in found.error


def tried(facts: Facts, name: str) -> Evidence:
    """A dry run that says something of the object.

    :raises NotSeen: it could not be made
    """
    found = facts.one(name)
    if is_for_want_of_rights(found):
        raise NotSeen(f"you may not try it: {found.error}", name)
    if found.status >= 500 or found.status == 429:
        raise NotSeen(f"{found.status}: {found.error}", name)
    unsupported = "dry run" in found.error or "dryRun" in found.error
    if found.status == 400 and unsupported:
        raise NotSeen(f"a webhook can't do dry runs: {found.error}", name)
    return found


def _cause(found: Evidence) -> str:
    return next((check for sign, check in _CAUSES if sign in found.error), "")


def _accepted(facts: Facts, check: str, name: str, **more: Any) -> Iterator[Result]:
    found = tried(facts, name)
    good = found.status < 300
    yield judged(
        good,
        check,
        "accepted" if good else f"{found.status}: {found.error}",
        proof=Proof.DRY_RUN,
        evidence=[name],
        caused_by="" if good else _cause(found),
        **more,
    )


@judges("QFV-301")
def job(facts: Facts) -> Iterator[Result]:
    """The exact Job."""
    facts.settings()
    yield from _accepted(facts, "QFV-301", "dry:job")


@judges("QFV-302")
def secret(facts: Facts) -> Iterator[Result]:
    """The exact Secret, where the wrapper makes one."""
    facts.settings()
    if facts.given.rendered.secret is None:
        seen = "QFIELDCLOUD_K8S_INLINE_ENV: the wrapper makes none"
        yield result("QFV-302", Status.NOT_APPLICABLE, seen)
        return
    yield from _accepted(facts, "QFV-302", "dry:secret")


@judges("QFV-303")
def manifest_claims(facts: Facts) -> Iterator[Result]:
    """The manifests' claims that the settings name, under other names."""
    facts.settings()
    named = [str(one["metadata"]["name"]) for one in facts.given.claims]
    if not named:
        seen = "the settings name other claims than the manifests'"
        yield result("QFV-303", Status.NOT_APPLICABLE, seen)
    for name in named:
        title = f"The manifests' claim {name} is accepted"
        yield from _accepted(
            facts, "QFV-303", f"dry:claim {name}", of=name, title=title
        )


@judges("QFV-304")
def pod(facts: Facts) -> Iterator[Result]:
    """The pod of the Job's template; policy and quota look at pods, not at Jobs."""
    facts.settings()
    yield from _accepted(facts, "QFV-304", "dry:pod")


@judges("QFV-305")
def pod_security(facts: Facts) -> Iterator[Result]:
    """What the namespace enforces, and what that says of the pod."""
    facts.settings()
    found = tried(facts, "dry:pod")
    namespace = facts.optional("namespace") or {"metadata": {}}
    level = (namespace["metadata"].get("labels") or {}).get(ENFORCE, "")
    enforced = f"the namespace enforces {level or 'nothing (privileged)'}"
    if facts.optional("namespace") is None:
        enforced = "what the namespace enforces can't be seen"
    refused = "violates PodSecurity" in found.error
    yield judged(
        not refused,
        "QFV-305",
        f"{found.status}: {found.error}" if refused else f"{enforced}; it is let in",
        expected="no violation",
        proof=Proof.DRY_RUN,
        evidence=["dry:pod", "namespace"],
        repeat=f"kubectl get namespace {facts.given.namespace} --show-labels",
    )


@judges("QFV-306")
def unchanged(facts: Facts) -> Iterator[Result]:
    """One result for each change that matters."""
    facts.settings()
    found = tried(facts, "dry:pod")
    if found.status >= 300:
        raise NotSeen("the pod is refused", "dry:pod", "QFV-304")
    differences = admission_diff.changes(facts.given.rendered.pod, found.body)
    bad = [one for one in differences if not one.harmless]
    words = "; ".join(
        f"{one.path}: {_shown(one.sent)} → {_shown(one.returned)}. {one.consequence}"
        for one in bad
    )
    yield judged(
        not bad,
        "QFV-306",
        words or f"{len(differences)} defaults of the API's own, nothing else",
        proof=Proof.DRY_RUN,
        evidence=["dry:pod"],
    )


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(value.get("image") or value) if isinstance(value, dict) else str(value)
    return text if len(text) <= 120 else text[:120] + "…"


@judges("QFV-307")
def warnings(facts: Facts) -> Iterator[Result]:
    """The Warning headers of the dry runs."""
    facts.settings()
    names = [one for one in facts.evidence if one.startswith("dry:")]
    words = {
        facts.evidence[name].headers["Warning"]: name
        for name in names
        if "Warning" in facts.evidence[name].headers
    }
    if not any(facts.one(name).status < 300 for name in names):
        raise NotSeen("no dry run was accepted", "")
    yield judged(
        not words,
        "QFV-307",
        "; ".join(words) or "none",
        proof=Proof.DRY_RUN,
        evidence=words.values(),
    )
