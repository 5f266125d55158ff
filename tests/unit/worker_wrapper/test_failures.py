"""The table of failures: stable types, and words for the operator."""

import re

from worker_wrapper import failures


def test_types_are_unique_and_spelled_alike():
    """Dashboards group by them."""
    types = [kind.error_type for kind in failures.FAILURE_KINDS]
    assert len(types) == len(set(types))
    assert [one for one in types if not re.fullmatch(r"[A-Z][A-Z0-9_]+", one)] == []


def test_names_of_the_contract_are_there():
    """QFieldCloud's code and wrappers in the wild know these."""
    types = {kind.error_type for kind in failures.FAILURE_KINDS}
    assert {"TIMEOUT", "DOCKER_ENGINE_SIGKILL", "K8S_JOB_SIGKILL"} <= types


def test_each_says_what_it_means_and_what_to_do():
    """In sentences, and whose fault it is."""
    for kind in failures.FAILURE_KINDS:
        assert kind.meaning.endswith("."), kind
        assert kind.action.endswith("."), kind
        assert kind.error_origin in ("container", "worker_wrapper")


def test_as_feedback():
    """The keys that QFieldCloud shows."""
    failed = failures.WorkerFailed(failures.POD_DELETED, "pod x is gone")
    assert failed.failure.as_feedback() == {
        "error": "pod x is gone",
        "error_type": "POD_DELETED",
        "error_origin": "worker_wrapper",
        "error_hint": failures.POD_DELETED.action,
    }
    assert str(failed) == "POD_DELETED: pod x is gone"
