"""Claims and volumes: bound by name, by size, or made for the first who asks."""

import pytest

from .space import events_of, pod

pytestmark = pytest.mark.recorded("kubernetes-1.34")


def _claim(name, **spec):
    base = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return {"metadata": {"name": name}, "spec": {**base, **spec}}


@pytest.fixture
def volume(space, see):
    """Makes PersistentVolumes that go with the test."""
    made = []

    def make(suffix, **spec):
        name = see.name(f"{space.name}-{suffix}", f"pv-{suffix}")
        made.append(name)
        base = {
            "capacity": {"storage": "2Gi"},
            "accessModes": ["ReadWriteMany"],
            "hostPath": {"path": f"/tmp/{space.name}"},
            "storageClassName": "",
        }
        body = {"metadata": {"name": name}, "spec": {**base, **spec}}
        answer = space.server("POST", "/api/v1/persistentvolumes", body)
        assert answer.status == 201, answer.body
        return name

    yield make
    for name in made:
        space.server("DELETE", f"/api/v1/persistentvolumes/{name}")


def _bound(claim):
    return claim["status"]["phase"] == "Bound"


def test_by_name(space, see, volume):
    """A claim that names its volume is bound to it."""
    name = volume("a")
    space.create("persistentvolumeclaims", _claim("c", volumeName=name))
    see("claim", space.wait("persistentvolumeclaims", "c", _bound))
    see("volume", space.server("GET", f"/api/v1/persistentvolumes/{name}").body)


def test_by_size(space, see, volume):
    """Without a name, the smallest that fits."""
    label = {"matchLabels": {"only": space.name}}
    volume("big", capacity={"storage": "9Gi"})
    volume("small", capacity={"storage": "512Mi"})
    for suffix in ("big", "small"):
        path = f"/api/v1/persistentvolumes/{space.name}-{suffix}"
        space.server(
            "PATCH",
            path,
            {"metadata": {"labels": label["matchLabels"]}},
            headers={"Content-Type": "application/merge-patch+json"},
        )
    space.create("persistentvolumeclaims", _claim("c", selector=label))
    found = space.wait("persistentvolumeclaims", "c", _bound)
    see("claim", [found["spec"]["volumeName"], found["status"]])


def test_nothing_fits(space, see):
    """A claim that nothing fits waits, and says why."""
    import time

    space.create("persistentvolumeclaims", _claim("c"))
    end = time.monotonic() + 30
    while not events_of(space, "c"):
        assert time.monotonic() < end
        time.sleep(0.1)
    see("events", events_of(space, "c"))
    see("status", space("GET", "persistentvolumeclaims", "c").body["status"])


@pytest.mark.namespaces
def test_first_consumer(space, see):
    """The standard class waits for a pod, then makes a volume on its node."""
    spec = {"storageClassName": "standard", "accessModes": ["ReadWriteOnce"]}
    space.create("persistentvolumeclaims", _claim("c", **spec))
    before = space("GET", "persistentvolumeclaims", "c").body["status"]
    see("before", before)
    body = pod(
        "p",
        *("sh", "-c", "echo kept > /v/file"),
        c={"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
        volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
    )
    space.create("pods", body)
    space.wait_phase("p", "Succeeded")
    see("claim", space("GET", "persistentvolumeclaims", "c").body)
    name = space("GET", "persistentvolumeclaims", "c").body["spec"]["volumeName"]
    spec = space.server("GET", f"/api/v1/persistentvolumes/{name}").body["spec"]
    see("volume", spec)
    reasons = [e[1] for e in events_of(space, "c")]
    see("events", list(dict.fromkeys(reasons)))


def test_refused_mode(space, see):
    """The standard class makes volumes for one node alone."""
    import time

    spec = {"storageClassName": "standard", "accessModes": ["ReadOnlyMany"]}
    space.create("persistentvolumeclaims", _claim("c", **spec))
    body = pod(
        "p",
        "true",
        volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
    )
    space.create("pods", body)
    end = time.monotonic() + 30
    while "ProvisioningFailed" not in str(events_of(space, "c")):
        assert time.monotonic() < end
        time.sleep(0.1)
    failed = [e for e in events_of(space, "c") if e[1] == "ProvisioningFailed"]
    see("event", failed[0])


def test_in_use(space, see, volume):
    """A claim that a pod uses is deleted when the pod has gone."""
    name = volume("a")
    space.create("persistentvolumeclaims", _claim("c", volumeName=name))
    space.wait("persistentvolumeclaims", "c", _bound)
    source = {"persistentVolumeClaim": {"claimName": "c"}}
    body = pod(
        "p",
        *("sh", "-c", 'trap "exit 0" TERM; sleep 60 & wait'),
        volumes=[{"name": "v", **source}],
    )
    space.create("pods", body)
    space.wait_phase("p", "Running")
    answer = space("DELETE", "persistentvolumeclaims", "c")
    see("answer", [answer.status, answer.body["metadata"]["finalizers"]])
    see("still", space("GET", "persistentvolumeclaims", "c").status)
    space("DELETE", "pods", "p", query="gracePeriodSeconds=1")
    space.wait("persistentvolumeclaims", "c", lambda found: found is None)
    path = f"/api/v1/persistentvolumes/{name}"
    import time

    end = time.monotonic() + 30
    while space.server("GET", path).body["status"]["phase"] == "Bound":
        assert time.monotonic() < end
    see("volume", space.server("GET", path).body["status"]["phase"])


@pytest.mark.namespaces
def test_persists(space, see, volume):
    """What one pod writes, another reads, each in its own directory."""
    path = {"path": f"/tmp/{space.name}", "type": "DirectoryOrCreate"}
    name = volume("a", hostPath=path)
    space.create("persistentvolumeclaims", _claim("c", volumeName=name))
    space.wait("persistentvolumeclaims", "c", _bound)
    source = {"persistentVolumeClaim": {"claimName": "c"}}
    for pod_name, folder, script in (
        ("one", "job-1", "echo mine > /io/file"),
        ("two", "job-2", "ls /io | wc -l"),
        ("three", "job-1", "cat /io/file"),
    ):
        mount = {"name": "v", "mountPath": "/io", "subPath": folder}
        body = pod(
            pod_name,
            *("sh", "-c", script),
            c={"volumeMounts": [mount]},
            volumes=[{"name": "v", **source}],
        )
        space.create("pods", body)
        space.wait_phase(pod_name, "Succeeded")
        see(pod_name, space("GET", "pods", f"{pod_name}/log").body)


@pytest.mark.namespaces
def test_sub_path_of_nothing(space, see):
    """A subPath below a host's directory that isn't there can't be made."""
    mount = {"name": "v", "mountPath": "/v", "subPath": "a"}
    path = {"path": f"/tmp/{space.name}-none"}
    body = pod(
        "p",
        "true",
        c={"volumeMounts": [mount]},
        volumes=[{"name": "v", "hostPath": path}],
    )
    space.create("pods", body)
    found = space.wait(
        "pods",
        "p",
        lambda p: "Error" in str(p["status"].get("containerStatuses")),
    )
    see("state", found["status"]["containerStatuses"][0]["state"])
