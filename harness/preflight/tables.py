"""The report's tables: rights, the minimal Role, calls by kind."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from . import rights_needed
from .checks.rights import allowed, excess, inline_env, proof_of, said
from .facts import Facts, NotSeen
from .model import CallCount, Kind, Proof, RightRow, RoleAdvice


def rights(facts: Facts, used: Iterable[str] = ()) -> tuple[RightRow, ...]:
    """What the wrapper needs, has, and has beyond that.

    :param used: keys of the rights that a real job has used as the wrapper
    """
    used = set(used)
    wanted = (
        *rights_needed.wrapper_needs(inline_env=inline_env(facts)),
        *rights_needed.OPTIONAL,
        *rights_needed.DESIGNED,
    )
    rows = []
    for right in wanted:
        needed = right not in rights_needed.DESIGNED
        try:
            good: bool | None = allowed(facts, f"wrapper:{right.key}")
            words = said(facts, f"wrapper:{right.key}")
        except NotSeen as unseen:
            good, words = None, unseen.why
        proof = None if good is None else proof_of(facts, right)
        if right.key in used:
            good, proof = True, Proof.REAL_JOB
        if good is None:
            verdict = "not proven"
        else:
            verdict = "ok" if good or not needed else "missing"
        rows.append(
            RightRow(
                verb=right.verb,
                group=right.group,
                resource=right.resource,
                used_by=right.used_by,
                granted=good,
                proof=proof,
                verdict=verdict,
                said=words,
            )
        )
    try:
        more = excess(facts)
    except NotSeen:
        more = []
    rows += [
        RightRow(
            verb=verb,
            group=group,
            resource=resource,
            used_by="",
            granted=True,
            proof=Proof.IMPERSONATED,
            verdict="excess",
        )
        for verb, group, resource in more
    ]
    return tuple(rows)


def role(facts: Facts) -> RoleAdvice:
    """The least Role for the wrapper, against the one that is bound to it."""
    given = facts.given
    wanted = (
        *rights_needed.wrapper_needs(inline_env=inline_env(facts)),
        *rights_needed.OPTIONAL,
    )
    live = live_role(facts)
    name = str(live["metadata"]["name"]) if live else given.service_account
    least = rights_needed.minimal_role(name, given.namespace, wanted)
    text = rights_needed.as_yaml(least)
    if live is None:
        return RoleAdvice(yaml=text)
    there = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": given.namespace},
        "rules": _spread(live.get("rules") or ()),
    }
    before = yaml.safe_dump(there, sort_keys=False)
    diff = difflib.unified_diff(
        before.splitlines(), text.splitlines(), f"live {name}", "minimal", lineterm=""
    )
    return RoleAdvice(yaml=text, diff="\n".join(diff))


def _spread(rules: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One rule for each resource, as the minimal Role has them."""
    verbs: dict[tuple[str, str], set[str]] = {}
    for rule in rules:
        for group in rule.get("apiGroups") or [""]:
            for resource in rule.get("resources") or ():
                verbs.setdefault((group, resource), set()).update(rule["verbs"])
    return [
        {"apiGroups": [group], "resources": [resource], "verbs": sorted(granted)}
        for (group, resource), granted in verbs.items()
    ]


def live_role(facts: Facts) -> Mapping[str, Any] | None:
    """The Role that a RoleBinding gives to the wrapper's account, if it can be seen."""
    bindings = facts.optional("rolebindings")
    roles = facts.optional("roles")
    if bindings is None or roles is None:
        return None
    account = facts.given.service_account
    names = [
        one["roleRef"]["name"]
        for one in bindings["items"]
        if one["roleRef"]["kind"] == "Role"
        and any(
            subject.get("kind") == "ServiceAccount" and subject.get("name") == account
            for subject in one.get("subjects") or ()
        )
    ]
    return next(
        (one for one in roles["items"] if one["metadata"]["name"] in names), None
    )


def calls(counts: Mapping[str, Mapping[Kind, int]]) -> tuple[CallCount, ...]:
    """How many calls each phase made."""
    return tuple(
        CallCount(
            phase=phase,
            reads=found[Kind.READ],
            reviews=found[Kind.REVIEW],
            dry_runs=found[Kind.DRY_RUN],
            writes=found[Kind.WRITE],
        )
        for phase, found in counts.items()
        if phase
    )
