"""Watches that go on, whatever becomes of the API."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from harness.environment import kube_observer
from harness.environment.kube_api import KubeRefused
from harness.environment.kube_observer import KubeObserver
from harness.errors import EnvironmentMissing

POD = {
    "metadata": {"uid": "u", "name": "p", "namespace": "n", "resourceVersion": "7"},
    "spec": {"containers": [{"name": "c"}]},
    "status": {"phase": "Pending"},
}


class Api:
    """One that fails a watch of pods first, then shows one pod."""

    def __init__(self, failure: Exception) -> None:
        self._failures = [failure]
        self.asked: list[str] = []
        self.over = threading.Event()

    def watch(self, kind: str, _namespace: str, _version: str) -> Iterator[Any]:
        """The events of one watch."""
        if kind == "Pod":
            self.asked.append(kind)
            if self._failures:
                raise self._failures.pop()
            yield {"type": "ADDED", "object": POD}
        self.over.wait(10)


@pytest.mark.parametrize(
    "failure", [EnvironmentMissing("it can't be reached"), OSError("it broke off")]
)
def test_a_watch_is_opened_again(failure: Exception, monkeypatch: pytest.MonkeyPatch):
    """Also where the API could not be reached for a while."""
    monkeypatch.setattr(kube_observer, "AGAIN_S", 0.01)
    api: Any = Api(failure)
    observer = KubeObserver(api)
    found = observer.wait_for("n", lambda pod: True, 5)
    observer.close()
    api.over.set()
    assert found == POD
    assert len(api.asked) >= 2


def test_a_watch_that_is_refused_is_not():
    """What may not be seen is not proven, and nobody asks for ever."""
    api: Any = Api(KubeRefused(403, "{}", "GET pods"))
    observer = KubeObserver(api)
    assert observer.wait_for("n", lambda pod: True, 0.2) is None
    observer.close()
    api.over.set()
    assert len(api.asked) == 1
