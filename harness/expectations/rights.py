"""The wrapper's rights: what was refused, and what was used."""

import re
from collections.abc import Iterator

from ..replay.observation import Observation
from .finding import Result, check


@check(
    "rbac.denied",
    "The API refuses none of the wrapper's calls.",
    why="A wrapper without a right loses what it needed the call for: logs, outcomes, "
    "or the job.",
    fix="Add the rule to the Role in k8s-manifests/base/role.yaml.",
)
def denied(seen: Observation) -> Iterator[Result]:
    """No 403 for want of a right."""
    if seen.granted is None:
        return
    expected = {
        (right.resource, right.verb) for right in seen.cell.scenario.expect.denied
    }
    refused: dict[tuple[str, str, str], str] = {}
    for call in seen.calls:
        if call.injected or call.status != 403 or not call.right:
            continue
        if "is forbidden: User" in call.message:
            refused.setdefault(call.right, call.message)
    for (verb, group, resource), words in refused.items():
        if (resource, verb) in expected or (resource, "*") in expected:
            continue
        rule = f'apiGroups: ["{group}"], resources: ["{resource}"], verbs: ["{verb}"]'
        yield Result(
            ok=False,
            expected=f"{verb} {resource} is allowed",
            actual=f"403: {words}",
            where="the tap's journal",
            message=f"The Role lacks the rule {rule}.",
            fix=f"Add to the Role of the wrapper's ServiceAccount: - {rule}",
        )
    if not refused:
        yield Result(
            ok=True, expected="no 403", actual="none", where="the tap's journal"
        )


@check(
    "rbac.expected-denial",
    "The rights that the scenario takes away are missed.",
    why="A right that nobody misses is one too many.",
    fix="Take the right out of the Role for good, or let the scenario need it.",
)
def expected_denial(seen: Observation) -> Iterator[Result]:
    """Each denial that the scenario names came."""
    if seen.granted is None:
        return
    refused = {
        (call.right[2], call.right[0])
        for call in seen.calls
        if call.status == 403 and call.right and not call.injected
    }
    for right in seen.cell.scenario.expect.denied:
        came = any(
            resource == right.resource and right.verb in ("*", verb)
            for resource, verb in refused
        )
        yield Result(
            ok=came,
            expected=f"{right.verb} {right.resource} is refused",
            actual="refused" if came else "never asked for",
            where="the tap's journal",
        )


@check(
    "rbac.denial-is-named",
    "Whoever looks for the cause of a missing right finds the rule's name.",
    why="A job that fails without a word, or a sweep that does nothing, costs the "
    "operator days.",
    fix="Pass the API's own words on (verb, resource): into the row where the job "
    "fails, else into the wrapper's log.",
)
def denial_is_named(seen: Observation) -> Iterator[Result]:
    """In the row's error or output where the job failed; else there or in the log."""
    if seen.granted is None:
        return
    texts = [str(seen.feedback.get("error")), str((seen.row or {}).get("output"))]
    where = "feedback.error, output"
    if not seen.row or seen.row["status"] != "failed":
        texts += [one.log for one in seen.subjects]
        where += ", the wrapper's log"
    for right in seen.cell.scenario.expect.denied:
        verb, resource = re.escape(right.verb), re.escape(right.resource)
        named = re.compile(
            rf'cannot {verb} resource \\?"{resource}\\?"'
            rf'|resources \["{resource}"\], verbs \["{verb}"\]'
        )
        found = any(named.search(text) for text in texts)
        yield Result(
            ok=found,
            expected=f"{right.verb} {right.resource} is named",
            actual="it is" if found else "not a word of it",
            where=where,
        )


@check(
    "rbac.used-is-granted",
    "Every right that the wrapper used is one that the Role grants.",
    why="Rights that come from elsewhere (a ClusterRole, the operator's kubeconfig) "
    "hide what the Role lacks.",
    fix="Grant them in the Role, or find out whose credentials the wrapper uses.",
)
def used_is_granted(seen: Observation) -> Iterator[Result]:
    """Each successful call is covered by a rule."""
    if seen.granted is None:
        return
    for call in seen.calls:
        right = call.right
        if right is None or not 200 <= call.status < 300:
            continue
        if call.path.startswith(("/apis/authorization", "/version")):
            continue
        allowed = any(rule.allows(*right) for rule in seen.granted)
        yield Result(
            ok=allowed,
            expected="a rule of the Role",
            actual=f"{right[0]} {right[2]} succeeded",
            where=f"{call.method} {call.path}",
        )
