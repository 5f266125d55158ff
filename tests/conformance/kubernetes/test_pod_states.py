"""What a pod goes through, as a watch shows it: the distinct states, in order."""

import time

import pytest

from .space import events_of, job, pod
from .transitions import pod_state, watching

pytestmark = [
    pytest.mark.recorded("kubernetes-1.34"),
    # real processes: on a busy machine one may end before it was seen to run
    pytest.mark.flaky(reruns=2),
]


def _ended(event):
    return event["object"]["status"].get("phase") in ("Succeeded", "Failed")


def _run(space, see, body, until=_ended, *, events=True):
    with watching(space, "pods") as pods:
        space.create("pods", body)
        pods.wait(until)
        time.sleep(0.3)
    see("states", pods.states("p", pod_state))
    if events:
        see("events", events_of(space, "p"))


def _sh(script):
    return ("sh", "-c", script)


def test_success(space, see):
    """A pod that ends well."""
    _run(space, see, pod("p", *_sh("sleep 2")))


def test_failure(space, see):
    """A pod that ends with 3."""
    _run(space, see, pod("p", *_sh("sleep 2; exit 3")))


def test_at_once(space, see):
    """A pod that may end before its kubelet looks: if it shows Running, is chance."""
    with watching(space, "pods") as pods:
        space.create("pods", pod("p", "true"))
        pods.wait(_ended)
        time.sleep(0.3)
    states = pods.states("p", pod_state)
    see("until its container is made", states[:3])
    see("at last", states[-1])
    see("events", events_of(space, "p"))


def test_out_of_memory(space, see):
    """A pod that takes more memory than it may."""
    limit = {"resources": {"limits": {"memory": "20Mi"}}}
    _run(space, see, pod("p", *_sh("sleep 2; tail /dev/zero"), c=limit))


@pytest.mark.parametrize("command", ["/nope", "nope", "/etc/passwd"])
def test_start_error(space, see, command):
    """A command that can't be run: StartError, 128."""
    _run(space, see, pod("p", command))


def test_config_error(space, see):
    """A Secret that isn't there, until it is."""
    env = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]

    def waits(event):
        items = event["object"]["status"].get("containerStatuses") or [{"state": {}}]
        reason = items[0]["state"].get("waiting", {}).get("reason")
        return reason == "CreateContainerConfigError"

    _run(space, see, pod("p", "true", c={"env": env}), waits, events=False)
    see("message", events_of(space, "p")[-1])
    space.create("secrets", {"metadata": {"name": "s"}, "stringData": {"x": "y"}})

    def other(found):
        state = found["status"]["containerStatuses"][0]["state"]
        return "key" in state["waiting"].get("message", "")

    found = space.wait("pods", "p", other)
    see("key", found["status"]["containerStatuses"][0]["state"])


def test_never_pull(space, see):
    """An image that isn't there and must not be pulled."""
    body = pod("p", "true", c={"image": "nope:1", "imagePullPolicy": "Never"})

    def waits(event):
        items = event["object"]["status"].get("containerStatuses") or [{"state": {}}]
        return items[0]["state"].get("waiting", {}).get("reason") == "ErrImageNeverPull"

    _run(space, see, body, waits)


def test_missing_volume(space, see):
    """A ConfigMap that isn't there to be mounted."""
    body = pod(
        "p",
        "true",
        c={"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
        volumes=[{"name": "v", "configMap": {"name": "nope"}}],
    )
    space.create("pods", body)
    end = time.monotonic() + 30
    while not any(e[1] == "FailedMount" for e in events_of(space, "p")):
        assert time.monotonic() < end
        time.sleep(0.1)
    see("events", events_of(space, "p"))
    status = space("GET", "pods", "p").body["status"]
    see("state", status["containerStatuses"][0]["state"])


@pytest.mark.parametrize("case", ["polite", "deaf", "forced"])
def test_deleted(space, see, case):
    """A running pod is deleted: SIGTERM, grace, SIGKILL, and gone."""
    script = {
        "polite": 'trap "exit 7" TERM; sleep 60 & wait',
        "deaf": 'trap "" TERM; sleep 60 & wait; wait; sleep 60',
        "forced": "sleep 60",
    }[case]
    space.create("pods", pod("p", *_sh(script), terminationGracePeriodSeconds=3))
    space.wait_phase("p", "Running")
    with watching(space, "pods") as pods:
        query = "gracePeriodSeconds=0" if case == "forced" else ""
        answer = space("DELETE", "pods", "p", query=query)
        see("answer", [answer.status, answer.body["kind"]])
        pods.wait(lambda event: event["type"] == "DELETED")
    see("states", pods.states("p", pod_state))


def test_deleted_before_start(space, see):
    """A pod that is deleted while its image can't be had."""
    body = pod("p", "true", c={"image": "nope:1", "imagePullPolicy": "Never"})
    space.create("pods", body)
    space.wait(
        "pods",
        "p",
        lambda p: "ErrImageNeverPull" in str(p["status"].get("containerStatuses")),
    )
    with watching(space, "pods") as pods:
        space("DELETE", "pods", "p")
        pods.wait(lambda event: event["type"] == "DELETED")
    see("states", pods.states("p", pod_state))


@pytest.mark.namespaces
def test_deadline(space, see):
    """The pod's own deadline: failed in place, its log stays."""
    script = "echo before; sleep 60"
    body = pod(
        "p", *_sh(script), activeDeadlineSeconds=4, terminationGracePeriodSeconds=2
    )
    _run(space, see, body, events=False)
    see("log", space("GET", "pods", "p/log").body)
    reasons = [e[1] for e in events_of(space, "p")]
    see("events", list(dict.fromkeys(reasons)))


def test_init_containers(space, see):
    """Init containers run first; a failed one is the pod's end."""
    init = {"name": "i", "image": "debian:bookworm-slim"}
    good = [{**init, "command": list(_sh("sleep 2"))}]
    _run(space, see, pod("p", *_sh("sleep 2"), initContainers=good))
    bad = [{**init, "command": list(_sh("exit 4"))}]
    with watching(space, "pods") as pods:
        space.create("pods", pod("q", "true", initContainers=bad))
        pods.wait(_ended)
    see("failed", pods.states("q", pod_state))


def test_two_containers(space, see):
    """The pod ends with its last container."""
    other = {"name": "d", "image": "debian:bookworm-slim", "command": ["sleep", "9"]}
    body = pod("p", *_sh("sleep 4; exit 1"))
    body["spec"]["containers"].append(other)
    _run(space, see, body, events=False)


def test_evicted(space, see):
    """An eviction marks the pod as disrupted and deletes it."""
    space.create(
        "pods",
        pod(
            "p",
            *_sh('trap "exit 0" TERM; sleep 60 & wait'),
            terminationGracePeriodSeconds=5,
        ),
    )
    space.wait_phase("p", "Running")
    with watching(space, "pods") as pods:
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": "p", "namespace": space.name},
        }
        see("answer", space("POST", "pods", "p/eviction", body))
        pods.wait(lambda event: event["type"] == "DELETED")
    states = pods.states("p", pod_state)
    see("condition", states[-1][1]["conditions"].get("DisruptionTarget"))
    see("phase", states[-1][1]["phase"])


def test_restart(space, see):
    """OnFailure: once more at once, then with a back-off."""
    body = pod("p", *_sh("sleep 3; exit 2"), restartPolicy="OnFailure")
    with watching(space, "pods") as pods:
        space.create("pods", body)
        pods.wait(
            lambda e: "CrashLoopBackOff" in str(e["object"]["status"]), seconds=60
        )
    states = [state for _, state in pods.states("p", pod_state)]
    seen = [[c["state"], c["restarts"]] for s in states for c in s["containers"]]
    seen = [s for i, s in enumerate(seen) if i == 0 or s != seen[i - 1]]
    first = next(i for i, s in enumerate(seen) if "CrashLoopBackOff" in str(s))
    see("containers", seen[: first + 1])
    see("phases", list(dict.fromkeys(state["phase"] for state in states)))


def test_rejected(space, see, node):
    """A node refuses a pod that was assigned to it and doesn't fit."""
    body = pod("p", "true", nodeName=node, nodeSelector={"a": "b"})
    _run(space, see, body)
    big = {"resources": {"requests": {"cpu": "10000"}}}
    space.create("pods", pod("q", "true", nodeName=node, c=big))
    status = space.wait_phase("q", "Failed")["status"]
    see("too big", [status["reason"], status["message"].partition(", used")[0]])


def test_unschedulable(space, see):
    """No node will do: the condition says why."""
    for name, spec in (
        ("cpu", {"c": {"resources": {"requests": {"cpu": "10000"}}}}),
        ("selector", {"nodeSelector": {"a": "b"}}),
        (
            "both",
            {"c": {"resources": {"requests": {"cpu": "10000", "memory": "9000Gi"}}}},
        ),
        (
            "claim",
            {
                "volumes": [
                    {"name": "v", "persistentVolumeClaim": {"claimName": "nope"}}
                ]
            },
        ),
        (
            "affinity",
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [
                                {
                                    "matchExpressions": [
                                        {"key": "a", "operator": "Exists"}
                                    ]
                                }
                            ]
                        }
                    }
                }
            },
        ),
    ):
        space.create("pods", pod(name, "true", **spec))
        found = space.wait("pods", name, lambda p: p["status"].get("conditions"))
        see(name, [pod_state(found), events_of(space, name)])


def test_gated(space, see):
    """A scheduling gate holds a pod back."""
    created = space.create("pods", pod("p", schedulingGates=[{"name": "a/b"}]))
    see("state", pod_state(created))


def test_job_pod(space, see):
    """A Job's pod: its name, labels, owner and finalizer."""
    see.name("myjob", "job")
    space.create("jobs", job("myjob", *_sh("sleep 1")))
    end = time.monotonic() + 30
    while not (items := space("GET", "pods").body["items"]):
        assert time.monotonic() < end
    meta = items[0]["metadata"]
    see("metadata", {k: v for k, v in meta.items() if k != "resourceVersion"})
