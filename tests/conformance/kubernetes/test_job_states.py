"""What a Job goes through: its counts and conditions, in order."""

import json

import pytest

from .space import job
from .transitions import job_state, watching

pytestmark = [
    pytest.mark.recorded("kubernetes-1.34"),
    # real processes: on a busy machine one may end before it was seen to run
    pytest.mark.flaky(reruns=2),
]


def _sh(script):
    return ("sh", "-c", script)


def _finished(event):
    kinds = {c["type"] for c in event["object"]["status"].get("conditions", ())}
    return kinds & {"Complete", "Failed"}


def _run(space, see, body, until=_finished):
    see.name("myjob", "job")
    with watching(space, "jobs") as jobs:
        space.create("jobs", body)
        jobs.wait(until)
    see("states", jobs.states("myjob", job_state))


def test_success(space, see):
    """active, ready, uncounted, counted, Complete."""
    _run(space, see, job("myjob", *_sh("sleep 4")))


def test_failure(space, see):
    """FailureTarget, then Failed; no completion time."""
    _run(space, see, job("myjob", *_sh("sleep 4; exit 1")))


def test_deadline(space, see):
    """The Job's deadline deletes its pod; Failed comes when the pod is gone."""
    body = job(
        "myjob",
        *_sh("sleep 60"),
        activeDeadlineSeconds=4,
        pod_spec={"terminationGracePeriodSeconds": 2},
    )
    _run(space, see, body)
    see("pods", len(space("GET", "pods").body["items"]))


def test_two_completions(space, see):
    """Two pods, one after the other."""
    body = job("myjob", *_sh("sleep 4"), completions=2, parallelism=1)
    _run(space, see, body)


def test_suspended(space, see):
    """A suspended Job has no pods, until it is resumed."""
    headers = {"Content-Type": "application/merge-patch+json"}
    see.name("myjob", "job")
    with watching(space, "jobs") as jobs:
        space.create("jobs", job("myjob", *_sh("sleep 4"), suspend=True))
        jobs.wait(lambda e: "Suspended" in str(e["object"]["status"]))
        see("pods", len(space("GET", "pods").body["items"]))
        body = json.dumps({"spec": {"suspend": False}}).encode()
        space("PATCH", "jobs", "myjob", body, headers=headers)
        jobs.wait(_finished)
    see("states", jobs.states("myjob", job_state))


def test_failure_policy(space, see):
    """A pod failure policy ends the Job at once."""
    rule = {
        "action": "FailJob",
        "onExitCodes": {"containerName": "c", "operator": "In", "values": [42]},
    }
    body = job(
        "myjob",
        *_sh("sleep 4; exit 42"),
        backoffLimit=6,
        podFailurePolicy={"rules": [rule]},
    )
    with watching(space, "jobs") as jobs:
        space.create("jobs", body)
        jobs.wait(_finished)
    last = jobs.states("myjob", job_state)[-1][1]
    pod = space("GET", "pods").body["items"][0]["metadata"]["name"]
    see.name(pod, "pod")
    see("last", last)


def test_pod_deleted(space, see):
    """A pod that somebody deletes counts as failed."""
    see.name("myjob", "job")
    space.create(
        "jobs",
        job("myjob", *_sh("sleep 60"), pod_spec={"terminationGracePeriodSeconds": 2}),
    )
    space.wait("jobs", "myjob", lambda found: found["status"].get("ready"))
    with watching(space, "jobs") as jobs:
        name = space("GET", "pods").body["items"][0]["metadata"]["name"]
        space("DELETE", "pods", name)
        jobs.wait(_finished)
    see("states", jobs.states("myjob", job_state))


def test_time_to_live(space, see):
    """A finished Job goes when its time is over."""
    with watching(space, "jobs") as jobs:
        space.create("jobs", job("myjob", "true", ttlSecondsAfterFinished=0))
        jobs.wait(lambda event: event["type"] == "DELETED")
    see("last", [kind for kind, _ in jobs.states("myjob", job_state)][-2:])


def test_events(space, see):
    """What is said of a Job."""
    from .space import events_of

    see.name("myjob", "job")
    space.create("jobs", job("myjob", *_sh("exit 1")))
    space.wait(
        "jobs",
        "myjob",
        lambda found: "Failed" in str(found["status"].get("conditions")),
    )
    name = space("GET", "pods").body["items"][0]["metadata"]["name"]
    see.name(name, "pod")
    see("events", events_of(space, "myjob"))
