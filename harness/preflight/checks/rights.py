"""What you and the wrapper's ServiceAccount may do."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .. import rights_needed
from ..collect import worker_account
from ..facts import Facts, NotSeen
from ..making import judged, result
from ..model import Fix, Proof, Result, Status
from ..rights_needed import Right
from .registering import judges


def allowed(facts: Facts, name: str) -> bool:
    """What an access review said.

    :raises NotSeen: nothing
    """
    return bool((facts.body(name).get("status") or {}).get("allowed"))


def said(facts: Facts, name: str) -> str:
    """The authorizer's reason."""
    status = facts.body(name).get("status") or {}
    return str(status.get("reason") or status.get("evaluationError") or "")


def _own(facts: Facts, check: str, rights: Iterable[Right]) -> Iterator[Result]:
    missing = [one for one in rights if not allowed(facts, f"own:{one.key}")]
    if not missing:
        yield result(check, Status.PASS, "all of it", proof=Proof.ASKED)
    for one in missing:
        yield result(
            check,
            Status.FAIL,
            f"you may not {one.key}: {said(facts, f'own:{one.key}')}".rstrip(": "),
            of=one.slug,
            title=f"You may {one.key} in the namespace",
            expected=one.used_by,
            proof=Proof.ASKED,
            evidence=[f"own:{one.key}"],
            repeat=_can_i(one, facts.given.namespace),
        )


def _can_i(right: Right, namespace: str, user: str = "") -> str:
    plural, _, sub = right.resource.partition("/")
    what = f"{plural}.{right.group}" if right.group else plural
    more = f" --subresource={sub}" if sub else ""
    who = f" --as={user}" if user else ""
    return f"kubectl auth can-i {right.verb} {what}{more} -n {namespace}{who}"


@judges("QFV-201")
def looking(facts: Facts) -> Iterator[Result]:
    """Each thing that the checks read."""
    yield from _own(facts, "QFV-201", rights_needed.LOOKING)


@judges("QFV-202")
def running(facts: Facts) -> Iterator[Result]:
    """Each thing that the real jobs need."""
    yield from _own(facts, "QFV-202", rights_needed.RUNNING)


def _account(facts: Facts, name: str) -> Mapping[str, Any] | None:
    return next(
        (
            one
            for one in facts.items("serviceaccounts")
            if one["metadata"]["name"] == name
        ),
        None,
    )


@judges("QFV-210")
def account(facts: Facts) -> Iterator[Result]:
    """The one that the settings name."""
    given = facts.given
    found = _account(facts, given.service_account)
    there = ", ".join(
        str(one["metadata"]["name"]) for one in facts.items("serviceaccounts")
    )
    yield judged(
        found is not None,
        "QFV-210",
        given.service_account if found else f"there are {there or 'none'}",
        expected=given.service_account,
        evidence=["serviceaccounts"],
        repeat=f"kubectl get serviceaccount {given.service_account} "
        f"-n {given.namespace}",
    )


def proof_of(facts: Facts, right: Right) -> Proof:
    """How a right of the wrapper's was asked for."""
    one = facts.evidence.get(f"wrapper:{right.key}")
    local = one is not None and "localsubjectaccessreviews" in one.call
    return Proof.READ if local else Proof.IMPERSONATED


def _wrapper(facts: Facts, check: str, rights: Iterable[Right]) -> Iterator[Result]:
    given = facts.given
    name = given.service_account
    for right in rights:
        key = f"wrapper:{right.key}"
        title = f"The ServiceAccount {name} may {right.key}"
        try:
            good = allowed(facts, key)
        except NotSeen as unseen:
            yield result(
                check,
                Status.NOT_PROVEN,
                f"could not ask as {name}: {unseen.why}",
                of=right.slug,
                title=title,
                evidence=[key],
                caused_by=unseen.caused_by,
            )
            continue
        yield judged(
            good,
            check,
            f"{name} may{'' if good else ' not'} {right.key}"
            + (f" ({said(facts, key)})" if said(facts, key) else ""),
            of=right.slug,
            title=title,
            expected=right.used_by,
            proof=proof_of(facts, right),
            evidence=[key],
            repeat=_can_i(right, given.namespace, given.account_user),
            fix=None if good else _grant(facts, right),
        )


def _grant(facts: Facts, right: Right) -> Fix:
    rule = (
        f'- apiGroups: ["{right.group}"]\n  resources: ["{right.resource}"]\n'
        f'  verbs: ["{right.verb}"]\n'
    )
    return Fix(
        steps=(
            f"Add the rule to the Role of {facts.given.service_account}, or apply the "
            "minimal Role of this report.",
        ),
        yaml=rule,
    )


def inline_env(facts: Facts) -> bool:
    """Whether the wrapper creates no Secrets."""
    return bool(facts.given.rendered.kubernetes.get("inline_env"))


@judges("QFV-211")
def needed(facts: Facts) -> Iterator[Result]:
    """One result for each right."""
    yield from _wrapper(
        facts,
        "QFV-211",
        rights_needed.wrapper_needs(inline_env=inline_env(facts)),
    )


@judges("QFV-212")
def helpful(facts: Facts) -> Iterator[Result]:
    """Rights without which only the words are poorer."""
    yield from _wrapper(facts, "QFV-212", rights_needed.OPTIONAL)


def granted(facts: Facts, name: str) -> list[tuple[str, str, str]]:
    """Every right that a rules review lists: verb, group, resource.

    :raises NotSeen: there is none
    """
    status = facts.body(name).get("status") or {}
    return [
        (verb, group, resource)
        for rule in status.get("resourceRules") or ()
        for group in rule.get("apiGroups") or [""]
        for resource in rule.get("resources") or ()
        for verb in rule["verbs"]
        if group not in ("authorization.k8s.io", "authentication.k8s.io")
    ]


def excess(facts: Facts) -> list[tuple[str, str, str]]:
    """What the wrapper may and has no need of.

    :raises NotSeen: nobody says what it may
    """
    known = {
        (one.verb, one.group, one.resource)
        for one in (
            *rights_needed.wrapper_needs(inline_env=inline_env(facts)),
            *rights_needed.OPTIONAL,
            *rights_needed.DESIGNED,
        )
    }
    return [one for one in granted(facts, "wrapper rules") if one not in known]


def _words(right: tuple[str, str, str]) -> str:
    verb, group, resource = right
    return f"{verb} {resource}" + (f" ({group})" if group else "")


def _incomplete(facts: Facts, name: str) -> str:
    status = facts.body(name).get("status") or {}
    if status.get("incomplete") or status.get("evaluationError"):
        return str(status.get("evaluationError") or "the list is incomplete")
    return ""


@judges("QFV-213")
def no_more(facts: Facts) -> Iterator[Result]:
    """What a rules review lists beyond the need."""
    given = facts.given
    found = excess(facts)
    incomplete = _incomplete(facts, "wrapper rules")
    if incomplete and not found:
        raise NotSeen(
            f"the server can't list all rights: {incomplete}", "wrapper rules"
        )
    yield judged(
        not found,
        "QFV-213",
        f"{given.service_account} may also " + ", ".join(map(_words, found))
        if found
        else "nothing beyond",
        proof=Proof.IMPERSONATED,
        evidence=["wrapper rules"],
        repeat=f"kubectl auth can-i --list -n {given.namespace} "
        f"--as={given.account_user}",
    )


@judges("QFV-215")
def worker_there(facts: Facts) -> Iterator[Result]:
    """The workers' own account."""
    facts.settings()
    name = worker_account(facts.given)
    good = _account(facts, name) is not None
    yield judged(
        good,
        "QFV-215",
        name if good else f"there is no ServiceAccount {name}",
        evidence=["serviceaccounts"],
        repeat=f"kubectl get serviceaccount {name} -n {facts.given.namespace}",
    )


@judges("QFV-214")
def worker(facts: Facts) -> Iterator[Result]:
    """A rules review as that account."""
    facts.settings()
    name = worker_account(facts.given)
    if _account(facts, name) is None:
        raise NotSeen(f"there is no {name}", "serviceaccounts", "QFV-215")
    found = granted(facts, "worker rules")
    yield judged(
        not found,
        "QFV-214",
        f"{name} may " + ", ".join(map(_words, found)) if found else f"{name}: none",
        proof=Proof.IMPERSONATED,
        evidence=["worker rules"],
        repeat=f"kubectl auth can-i --list -n {facts.given.namespace} "
        f"--as=system:serviceaccount:{facts.given.namespace}:{name}",
    )
