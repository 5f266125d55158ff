"""What is left over, and who was left alone."""

import pytest

from harness.environment.place import Bystander, Leftover
from harness.replay.observation import Deed

from .well import at, failing, iso, red, well


@pytest.mark.parametrize(
    ("backend", "kind", "check"),
    [
        ("docker", "container", "leftovers.worker"),
        ("docker", "volume", "leftovers.worker"),
        ("docker", "network", "leftovers.worker"),
        ("kubernetes", "Job", "leftovers.worker"),
        ("kubernetes", "Pod", "leftovers.worker"),
        ("kubernetes", "Secret", "leftovers.secrets"),
        ("kubernetes", "ConfigMap", "leftovers.secrets"),
        ("kubernetes", "PersistentVolumeClaim", "leftovers.secrets"),
        ("docker", "directory", "leftovers.directory"),
        ("kubernetes", "file", "leftovers.directory"),
    ],
)
def test_what_is_left_is_named(backend: str, kind: str, check: str):
    """By its kind and name, by one check."""
    found = failing(well(backend, leftovers=(Leftover(kind=kind, name="qgis"),)))
    assert list(found) == [check]
    assert found[check].actual == f"{kind} qgis"


def test_what_is_expected_to_stay_may():
    """Where the wrapper may not remove it."""
    job, secret = Leftover(kind="Job", name="a"), Leftover(kind="Secret", name="b")
    allowed = {"expect": {"left": ["Job"]}}
    assert red(well(leftovers=(job,), scenario=allowed)) == []
    assert red(well(leftovers=(job, secret), scenario=allowed)) == ["leftovers.secrets"]


def test_a_wrapper_that_was_stopped_hands_its_job_over():
    """What is there then belongs to the next one."""
    stopped = Deed(at=at(1), what="SIGTERM to the wrapper")
    left = (Leftover(kind="container", name="qgis"),)
    assert red(well("docker", leftovers=left, deeds=(stopped,))) == []


@pytest.mark.parametrize(
    ("token", "good"),
    [
        ({"expires_at": iso(1.4), "deleted_at": None}, True),
        ({"expires_at": iso(99), "deleted_at": iso(1)}, True),
        ({"expires_at": iso(99), "deleted_at": None}, False),
        ({"expires_at": None, "deleted_at": None}, False),
    ],
)
def test_the_token_is_of_no_use_any_more(token: dict[str, str], good: bool):
    """Expired or deleted when the wrapper has returned."""
    known = well().snapshot["tokens"][0]
    seen = well(snapshot={"tokens": [{**known, **token}]})
    assert red(seen) == ([] if good else ["leftovers.token"])


def test_others_are_left_alone():
    """Each bystander says what it stands for."""
    good = Bystander(kind="Job", name="b1", untouched=True, what="another job")
    bad = Bystander(kind="Job", name="b2", untouched=False, what="another ENVIRONMENT")
    assert red(well(bystanders=(good,))) == []
    found = failing(well(bystanders=(good, bad)))
    assert list(found) == ["others.untouched"]
    assert found["others.untouched"].where == "Job b2: another ENVIRONMENT"
