"""What a report shows of pods and containers, in few lines."""

from typing import Any

from harness.environment import evidence

POD: dict[str, Any] = {
    "metadata": {"name": "job-x", "deletionTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {"nodeName": "node-1", "containers": [{"env": [{"value": "secret"}]}]},
    "status": {
        "phase": "Failed",
        "reason": "Evicted",
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Ready", "status": "False", "reason": "PodFailed"},
        ],
        "containerStatuses": [
            {
                "name": "qgis",
                "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
                "lastState": {},
            }
        ],
    },
}


def test_a_pod_is_described_without_its_environment() -> None:
    """Node, phase, conditions and the container's state."""
    assert evidence.pods([POD]) == {
        "job-x": "node: node-1\n"
        "phase: Failed Evicted\n"
        "being deleted since 2026-01-01T00:00:00Z\n"
        "condition PodScheduled: True\n"
        "condition Ready: False PodFailed\n"
        "container qgis, state: "
        '{"terminated": {"exitCode": 137, "reason": "OOMKilled"}}'
    }


def test_a_pod_that_is_only_begun_is_described_too() -> None:
    """It has no node and no status yet."""
    assert evidence.pods([{"metadata": {"name": "p"}, "spec": {}}]) == {
        "p": "node: none\nphase: None"
    }


def test_of_a_container_only_its_state_is_shown() -> None:
    """Its configuration has secrets."""
    found = evidence.containers(
        {"c": {"State": {"ExitCode": 137}, "Config": {"Env": ["TOKEN=secret"]}}}
    )
    assert found == {"c": '{\n "ExitCode": 137\n}'}


def test_a_long_text_loses_its_beginning() -> None:
    """And says how much of it."""
    text = evidence.tail("a" * evidence.LIMIT + "the end")
    assert text.startswith("… 7 characters …\n")
    assert text.endswith("the end")
    assert len(text) < evidence.LIMIT + 20
