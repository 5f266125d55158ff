"""The wrapper's pod, kept for the next cell or made anew."""

from typing import Any

import pytest

from harness.environment import pod_objects
from harness.environment.pod_client import PodClient
from harness.environment.wrapper_pod import WrapperPod
from harness.errors import HarnessFailure

SPEC = {"kind": "Pod", "metadata": {"name": "w"}, "spec": {"nodeName": "a"}}


def secret(**values: str) -> dict[str, Any]:
    """What a cell's wrapper is to find in its environment."""
    content = {name: one.encode() for name, one in values.items()}
    return pod_objects.secret("qfieldcloud-env", {}, content)


class Api:
    """Notes what is made and removed; what is removed is gone at once."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def create(self, found: Any, _namespace: str) -> Any:
        """With a UID of its own."""
        self.done.append(f"create {found['kind']}")
        return {"metadata": {"uid": f"uid-{len(self.done)}"}}

    def delete(self, kind: str, _name: str, _namespace: str, **_: Any) -> None:
        """Gone."""
        self.done.append(f"delete {kind}")

    def get(self, *_: Any) -> None:
        """Nothing is there any more."""


@pytest.fixture
def api() -> Api:
    """Of one test."""
    return Api()


@pytest.fixture
def pod(api: Api, monkeypatch: pytest.MonkeyPatch) -> WrapperPod:
    """Whose programs take every call."""
    monkeypatch.setattr(PodClient, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(PodClient, "close", lambda _: None)
    monkeypatch.setattr(PodClient, "call", lambda *_, **__: None)
    there: Any = api
    return WrapperPod(there, there, "qfc", "w", "token")


MADE = ["create Secret", "create Pod"]
REMOVED = ["delete Pod", "delete Secret"]


def test_a_cell_that_wants_the_same_gets_it(pod: WrapperPod, api: Api) -> None:
    """What its environment has of the cell before is to be told to its processes."""
    first = pod.begin(SPEC, secret(DATABASE="one", HOST="h"))
    pod.renew()
    second = pod.begin(dict(SPEC), secret(DATABASE="two", HOST="h"))
    assert (first, second) == ({}, {"DATABASE": "two"})
    assert (api.done, pod.usable) == (MADE, True)


@pytest.mark.parametrize(
    ("spec", "more"),
    [({**SPEC, "spec": {"nodeName": "b"}}, {}), (SPEC, {"ANOTHER": "value"})],
)
def test_a_cell_that_wants_another_gets_a_new_one(
    pod: WrapperPod, api: Api, spec: dict[str, Any], more: dict[str, str]
) -> None:
    """Another pod, or a variable that this one has no place for."""
    pod.begin(SPEC, secret(DATABASE="one"))
    pod.renew()
    assert pod.begin(spec, secret(DATABASE="two", **more)) == {}
    assert api.done == [*MADE, *REMOVED, *MADE]
    assert len(pod.uids) == 4


def test_a_pod_that_can_not_be_renewed_is_removed(
    pod: WrapperPod, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next cell gets another."""

    def refuse(*_: Any, **__: Any) -> None:
        raise HarnessFailure("The pod doesn't answer.")

    pod.begin(SPEC, secret(DATABASE="one"))
    monkeypatch.setattr(PodClient, "call", refuse)
    pod.renew()
    assert (api.done, pod.usable) == ([*MADE, *REMOVED], False)


def test_what_was_never_made_is_not_removed(pod: WrapperPod, api: Api) -> None:
    """A cell that ended before."""
    pod.renew()
    pod.end()
    assert api.done == []
