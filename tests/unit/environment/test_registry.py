"""Which environments a name stands for, and why."""

from pathlib import Path

import pytest

from harness.environment import registry
from harness.environment.registry import Choice
from harness.errors import EnvironmentMissing, UsageError
from harness.settings import Settings

NOWHERE = "unix:///nonexistent.sock"


def settings(place: Path, docker_host: str = NOWHERE) -> Settings:
    return Settings(temporary=place, cache=place, docker_host=docker_host)


def test_a_name_is_taken_by_its_word(tmp_path: Path) -> None:
    """With all its backends, without looking whether it is there."""
    assert registry.choose("docker_engine", settings(tmp_path)) == [
        Choice(name="docker_engine", backends=frozenset({"docker"}))
    ]


def test_an_unknown_name_is_a_mistake(tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(UsageError, match="unknown") as caught:
        registry.choose("minikube", settings(tmp_path))
    assert "kind_cluster" in str(caught.value)


def test_the_best_is_the_real_thing_for_each_backend() -> None:
    """Both are there."""
    found = registry.best({"docker": "", "kubernetes": ""})
    assert [(one.name, set(one.backends)) for one in found] == [
        ("docker_engine", {"docker"}),
        ("kind_cluster", {"kubernetes"}),
    ]
    assert all("best there is" in one.why for one in found)


def test_each_backend_falls_back_by_itself() -> None:
    """And it is said why it isn't better."""
    found = registry.best({"docker": "", "kubernetes": "kind is not on PATH."})
    assert [(one.name, set(one.backends)) for one in found] == [
        ("docker_engine", {"docker"}),
        ("simulated", {"kubernetes"}),
    ]
    assert found[1].why == (
        "auto: kubernetes is not on kind_cluster: kind is not on PATH."
    )


def test_without_an_engine_auto_is_simulated(tmp_path: Path) -> None:
    """One environment for both backends."""
    (found,) = registry.choose("auto", settings(tmp_path))
    assert found.name == "simulated"
    assert found.backends == {"docker", "kubernetes"}
    assert "/nonexistent.sock doesn't exist" in found.why


def test_only_the_wanted_backends_are_looked_for(tmp_path: Path) -> None:
    """No cluster is made for a run on docker alone."""
    (found,) = registry.choose("auto", settings(tmp_path), backends=["docker"])
    assert found.backends == {"docker"}


@pytest.mark.parametrize("name", ["auto", "simulated"])
def test_required_real_refuses_a_simulated_one(tmp_path: Path, name: str) -> None:
    """With exit code 3, and with auto's reason."""
    with pytest.raises(
        EnvironmentMissing, match="the real thing is required"
    ) as caught:
        registry.choose(name, settings(tmp_path), require_real=True)
    assert caught.value.exit_code == 3
    assert ("nonexistent" in str(caught.value)) == (name == "auto")


def test_an_engine_of_another_machine_is_refused_with_the_reason(
    tmp_path: Path,
) -> None:
    """Workers share directories with it."""
    (found,) = registry.choose("auto", settings(tmp_path, "tcp://1.2.3.4:2375"))
    assert "at tcp://1.2.3.4:2375" in found.why
