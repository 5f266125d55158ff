"""Rights: refused, missed, named, granted."""

import json
from typing import Any

import pytest

from harness.environment.place import Rule
from harness.expectations.finding import Verdict

from .well import CALLS, at, call, failing, red, subject, verdict, well

LOG = "/api/v1/namespaces/qfc/pods/qgis-x7/log"
WORDS = (
    'pods "qgis-x7" is forbidden: User "system:serviceaccount:qfc:wrapper" cannot get '
    'resource "pods/log" in API group "" in the namespace "qfc"'
)
TAKEN = {"expect": {"denied": [{"resource": "pods/log", "verb": "get"}]}}


def refused(words: str = WORDS):
    """A log that may not be read."""
    body = json.dumps({"kind": "Status", "message": words}).encode()
    return call("GET", LOG, 403, response=body)


def test_a_refusal_names_the_missing_rule():
    """With the API's own words, and the line to add."""
    found = failing(well(calls=(*CALLS["kubernetes"], refused(), refused())))
    assert list(found) == ["rbac.denied"]
    one = found["rbac.denied"]
    assert one.actual == f"403: {WORDS}"
    rule = 'apiGroups: [""], resources: ["pods/log"], verbs: ["get"]'
    assert rule in one.message
    assert rule in one.fix


def test_another_403_is_no_missing_right():
    """A quota refuses in other words."""
    assert red(well(calls=(refused('pods "x" is forbidden: exceeded quota'),))) == []


@pytest.mark.parametrize("verb", ["get", "*"])
def test_a_right_that_was_taken_away_is_missed(verb: str):
    """Refused as expected, and its name is in the row's output."""
    expect = {"expect": {"denied": [{"resource": "pods/log", "verb": verb}]}}
    seen = well(scenario=expect, calls=(refused(),), row={"output": WORDS})
    assert not {"rbac.denied", "rbac.expected-denial"} & set(red(seen))


def test_a_right_that_nobody_misses():
    """One too many in the Role."""
    found = failing(well(scenario=TAKEN, row={"output": WORDS}))
    assert found["rbac.expected-denial"].actual == "never asked for"


@pytest.mark.parametrize(
    "words", [WORDS, 'it needs resources ["pods/log"], verbs ["get"]']
)
@pytest.mark.parametrize(
    ("status", "in_log", "named"),
    [("finished", True, True), ("failed", False, False), ("failed", True, False)],
)
def test_where_the_cause_has_to_be_named(
    words: str, status: str, in_log: bool, named: bool
):
    """In the row if the job failed; the wrapper's log will do if it didn't."""
    subjects = (subject(log=words if in_log else ""),)
    more: dict[str, Any] = {"row": {"status": status}, "subjects": subjects}
    seen = well(scenario=TAKEN, calls=(refused(),), **more)
    assert ("rbac.denial-is-named" not in red(seen)) is named
    told = well(
        scenario=TAKEN,
        calls=(refused(),),
        row={"status": "failed", "feedback": {"error": f"No log: {words}"}},
    )
    assert "rbac.denial-is-named" not in red(told)


def test_a_right_that_comes_from_elsewhere():
    """A call that the Role doesn't cover and that succeeded."""
    nodes = call("GET", "/api/v1/nodes", at=at(0.3))
    found = failing(well(calls=(*CALLS["kubernetes"], nodes)))
    assert found["rbac.used-is-granted"].actual == "list nodes succeeded"
    everything = (Rule(groups=("*",), resources=("*",), verbs=("*",)),)
    assert red(well(calls=(nodes,), granted=everything)) == []


def test_asking_for_ones_own_rights_needs_none():
    """Everybody may."""
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert red(well(calls=(call("POST", path, 201), call("GET", "/version")))) == []


def test_docker_has_no_rights():
    """Nothing to judge."""
    seen = well("docker", calls=(refused(),))
    for check in ("rbac.denied", "rbac.expected-denial", "rbac.used-is-granted"):
        assert verdict(seen, check) is Verdict.NOT_APPLICABLE
