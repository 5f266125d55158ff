"""What the wrapper asked its backend for."""

import base64
from typing import Any

import pytest

from harness.expectations.finding import Verdict
from harness.expectations.given_to_worker import expected_memory, expected_shares

from .well import (
    CALLS,
    MEMORY,
    SECRETS,
    TOKEN,
    at,
    call,
    failing,
    red,
    subject,
    verdict,
    well,
    worker,
)

SECRET = SECRETS["MY_KEY"]


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        ((), "0, run 0 times"),
        ((worker(), worker(id="def456")), "2, run 2 times"),
        ((worker(pods=2),), "1, run 2 times"),
        ((worker(restarts=1),), "1, run 2 times"),
        ((worker(pods=0),), "1, run 0 times"),
    ],
)
def test_one_worker_that_runs_once(workers: tuple[Any, ...], words: str):
    """No second container, pod or restart."""
    found = failing(well(workers=workers))
    assert found["worker.count"].actual == words


def test_no_worker_where_none_is_expected():
    """One that never ran is none."""
    expect = {"expect": {"no_worker": True}}
    assert "worker.count" not in red(well(scenario=expect, workers=()))
    made = well(scenario=expect, worker={"started_at": None})
    assert "worker.count" not in red(made)
    assert "worker.count" in red(well(scenario=expect))


def test_a_wrapper_that_never_came_to_run_is_not_asked_for_a_worker():
    """Its first fault is another."""
    seen = well(workers=(), subjects=(subject(phase="import"),))
    assert verdict(seen, "worker.count") is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("label", ["app", "type", "job_id", "project_id"])
def test_a_label_that_is_lost_or_another(label: str):
    """Sweeps go by them."""
    for value in (None, "another"):
        assert "worker.labels" in red(well(worker={"labels": {label: value}}))


def test_an_app_label_that_kubernetes_forbids_may_be_made_legal():
    """But not left out, and on Docker it has to be exact."""
    odd = {"ENVIRONMENT": "a b"}
    other = {"labels": {"app": "a-b_worker"}}
    assert red(well(environ=odd, worker=other)) == []
    assert red(well(environ=odd, worker={"labels": {"app": ""}})) == ["worker.labels"]
    assert red(well("docker", environ=odd, worker=other)) == ["worker.labels"]


def test_an_entrypoint_that_is_replaced():
    """In the request, or as the worker noticed."""
    replaced = ("python3", "entrypoint.py")
    found = failing(well(worker={"replaced_entrypoint": replaced}))
    assert list(found) == ["worker.entrypoint"]
    assert found["worker.entrypoint"].actual == '"python3" "entrypoint.py"'
    assert red(well(probe={"entrypoint_kept": False})) == ["worker.entrypoint"]


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("1000m", MEMORY),
        ("1g", 1024**3),
        ("1G", 1024**3),
        ("512mb", 512 * 1024**2),
        ("0.5g", 512 * 1024**2),
        ("2048k", 2048 * 1024),
        ("4096", 4096),
        ("lots", None),
    ],
)
def test_the_limit_in_dockers_units(setting: str, wanted: int | None):
    """A value that Docker refuses is no limit."""
    config = {"given": {"config": {"WORKER_QGIS_MEMORY_LIMIT": setting}}}
    assert expected_memory(well(scenario=config)) == wanted


@pytest.mark.parametrize("limit", [1, 1000 * 10**6, 1024**3])
def test_another_memory_limit(limit: int):
    """A thousandth, the other units, one that is rounded."""
    assert red(well(worker={"memory_limit": limit})) == ["worker.memory-request"]


def test_no_memory_limit():
    """None at all is a fault of its own."""
    assert red(well(worker={"memory_limit": None})) == ["worker.memory-given"]


def test_the_objects_own_words_are_shown():
    """As they stand in the Job."""
    container = {"resources": {"limits": {"memory": "1000m"}}}
    job = {"spec": {"template": {"spec": {"containers": [container]}}}}
    found = failing(well(worker={"memory_limit": 1, "objects": (job,)}))
    message = found["worker.memory-request"].message
    assert message == "The object says memory: '1000m'."


def test_the_cpu_weight():
    """The setting, within what the kubelet rounds."""
    assert red(well(worker={"cpu_weight": 511})) == []
    for given in (None, 1024, 510):
        assert red(well(worker={"cpu_weight": given})) == ["worker.cpu-weight"]
    config = {"given": {"config": {"WORKER_QGIS_CPU_SHARES": 256}}}
    assert expected_shares(well(scenario=config)) == 256
    assert "worker.cpu-weight" in red(well(scenario=config))


def test_a_weight_that_was_made_a_cap():
    """Unless the operator asked for a cap."""
    capped = {"cpu_cap": 0.5}
    found = failing(well(worker=capped))
    assert list(found) == ["worker.cpu-cap"]
    assert found["worker.cpu-cap"].actual == "at most 0.5 cores"
    assert red(well(worker=capped, environ={"QFIELDCLOUD_K8S_CPU_LIMIT": "1"})) == []


def coded(text: str) -> str:
    """As a Secret's data has it."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("secret", [SECRET, TOKEN], ids=["secret", "token"])
@pytest.mark.parametrize(
    "place",
    [
        lambda text: {"worker": {"args": ("python3", f"--key={text}")}},
        lambda text: {"worker": {"labels": {"note": text}}},
        lambda text: {"worker": {"objects": ({"env": [{"value": text}]},)}},
        lambda text: {"row": {"output": f"it is {text}\n"}},
        lambda text: {"evidence": {"events": [f"Failed: {text}"]}},
        lambda text: {"subjects": (subject(log=f"token is {text}\n"),)},
        lambda text: {
            "worker": {"objects": ({"metadata": {"annotations": {"t": coded(text)}}},)}
        },
        lambda text: {
            "calls": (*CALLS["docker"], call("GET", f"/x?t={text}", at=at(1)))
        },
    ],
    ids=["arguments", "labels", "objects", "output", "events", "log", "base64", "URLs"],
)
def test_a_secret_in_plain_sight(place: Any, secret: str):
    """By its name and where, never by its value."""
    found = failing(well(**place(secret)))
    assert "secrets.plain-sight" in found
    one = found["secrets.plain-sight"]
    name = "MY_KEY" if secret == SECRET else "QFIELDCLOUD_TOKEN"
    assert one.actual.startswith(f"{name} in the ")
    assert secret not in one.actual


def test_a_jobs_pods_carry_the_labels_too():
    """Sweeps list pods by them."""
    template = {"metadata": {"name": "qgis", "labels": {}}, "spec": {"template": {}}}
    pod = {"metadata": {"name": "qgis-x7"}, "spec": {"containers": []}}
    found = failing(well(worker={"objects": (template, pod)}))
    assert list(found) == ["worker.labels"]
    assert "pod qgis-x7" in found["worker.labels"].where


def test_a_containers_environment_is_where_docker_has_them():
    """It has no other place; and a Secret's own data is one, too."""
    given = {"objects": ({"Env": [f"MY_KEY={SECRET}"]},)}
    assert red(well("docker", worker=given)) == []
    secret = {"data": {"MY_KEY": coded(SECRET)}}
    assert red(well(worker={"objects": (secret,)})) == []
    inline = {"QFIELDCLOUD_K8S_INLINE_ENV": "1"}
    assert red(well(environ=inline, worker=given)) == []
