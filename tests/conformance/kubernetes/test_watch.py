"""watch: what comes first, what a filter shows, and how it ends."""

import json
import time

import pytest

pytestmark = pytest.mark.recorded("kubernetes-1.34")


def _events(space, query, plural="configmaps"):
    path = space.path(plural, query=f"watch=1&timeoutSeconds=2&{query}")
    with space.server.stream("GET", path) as answer:
        kind = answer.headers["Content-Type"]
        lines = [json.loads(line) for line in answer]
    return answer.status, kind, lines


def _named(lines):
    return [[e["type"], e["object"]["metadata"].get("name")] for e in lines]


def _revision(space):
    return space("GET", "configmaps").body["metadata"]["resourceVersion"]


@pytest.mark.parametrize("revision", ["", "0"])
def test_initial_state(space, see, revision):
    """Without a revision, or at 0, what is there comes as ADDED."""
    space.create("configmaps", {"metadata": {"name": "a"}})
    status, kind, lines = _events(space, f"resourceVersion={revision}")
    see("events", [status, kind, sorted(_named(lines))])


def test_from_revision(space, see):
    """From a revision on, every change comes, in order."""
    since = _revision(space)
    space.create("configmaps", {"metadata": {"name": "a"}})
    space("PUT", "configmaps", "a", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    space("DELETE", "configmaps", "a")
    _, _, lines = _events(space, f"resourceVersion={since}")
    see("events", lines)


def test_selector(space, see):
    """Coming into a selector is ADDED, leaving it DELETED with the old form."""
    since = _revision(space)
    for labels in ({}, {"x": "1"}, {"x": "1", "y": "2"}, {"z": "1"}):
        body = {"metadata": {"name": "a", "labels": labels}}
        method, name = ("PUT", "a") if labels else ("POST", "")
        space(method, "configmaps", name, body)
    _, _, lines = _events(space, f"resourceVersion={since}&labelSelector=x")
    see("events", lines)


def test_field_selector(space, see):
    """A watch of one object by its name."""
    since = _revision(space)
    for name in ("a", "b"):
        space.create("configmaps", {"metadata": {"name": name}})
    query = f"resourceVersion={since}&fieldSelector=metadata.name=b"
    see("events", _named(_events(space, query)[2]))


def test_too_old(space, see):
    """A revision before the history is 200 and an ERROR event."""
    status, kind, lines = _before_history(space)
    message = lines[0]["object"].pop("message")
    see("events", [status, kind, lines])
    see("message", message[: message.index("(")])


def _before_history(space, seconds=150):
    """A watch from revision 1, of a kind whose history doesn't reach back to it.

    A server that began with an empty etcd may have all of it, but of leases: they are
    renewed so often that the oldest changes are let go after a minute or two.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for plural in ("configmaps", "leases"):
            status, kind, lines = _events(space, "resourceVersion=1", plural)
            if status != 200 or (lines and lines[0]["type"] == "ERROR"):
                return status, kind, lines
    raise AssertionError(f"after {seconds} s all histories still reach back to 1")


def test_bad_revision(space, see):
    """A revision that is no number is 500 here."""
    see("watch", space("GET", "configmaps", query="watch=1&resourceVersion=x"))


def test_future(space, see):
    """A revision of the future is silence."""
    see("events", _events(space, "resourceVersion=9999999999"))


def test_send_initial_events(space, see):
    """The streaming list ends with a marked bookmark."""
    space.create("configmaps", {"metadata": {"name": "a", "labels": {"x": "1"}}})
    query = (
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
        "allowWatchBookmarks=true&labelSelector=x"
    )
    _, _, lines = _events(space, query)
    lines = lines[:2]  # another bookmark may come before the timeout
    for line in lines:
        if line["type"] == "BOOKMARK":
            line["object"]["metadata"].pop("resourceVersion")  # moves by itself
    see("events", lines)
    without = space("GET", "configmaps", query="watch=1&sendInitialEvents=true")
    see("without match", without)
    match = "watch=1&resourceVersion=1&resourceVersionMatch=Exact"
    see("match alone", space("GET", "configmaps", query=match))


def test_table(space, see):
    """A watch in Table form defines its columns once."""
    space.create("configmaps", {"metadata": {"name": "a"}})
    since = _revision(space)
    for name in ("b", "c"):
        space.create("configmaps", {"metadata": {"name": name}})
    path = space.path(
        "configmaps", query=f"watch=1&timeoutSeconds=2&resourceVersion={since}"
    )
    headers = {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    with space.server.stream("GET", path, headers=headers) as answer:
        lines = [json.loads(line) for line in answer]
    shown = [
        [e["type"], bool(e["object"]["columnDefinitions"]), len(e["object"]["rows"])]
        for e in lines
    ]
    see("events", shown)
