"""What comes back from the wrapper's pod."""

import asyncio
import contextlib
import json
import threading
from datetime import datetime, timezone
from typing import Any

from harness.environment.pod_place import RemoteGates, RemoteJournal, made_by
from harness.incluster.sidecar import Sidecar
from harness.tap.faults import Fault, Faults
from harness.tap.gates import Cut, Gates
from harness.tap.journal import Call, Journal

UIDS = ("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000")


def call(**changes: Any) -> Call:
    """A call that made a Job."""
    body = (
        f'{{"kind":"Job","metadata":{{"name":"a","uid":"{UIDS[0]}","ownerReferences":'
        f'[{{"uid":"{UIDS[1]}"}}]}}}}'
    )
    given: dict[str, Any] = {
        "at": datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc),
        "seconds": 0.25,
        "method": "POST",
        "target": "/apis/batch/v1/namespaces/n/jobs",
        "status": 201,
        "request": b"\xff\x00",
        "response": body.encode(),
        "response_size": len(body),
    }
    return Call(**given | changes)


class Pod:
    """The container beside the wrapper, over JSON."""

    def __init__(self, *calls: Call) -> None:
        journal = Journal()
        for one in calls:
            journal.end(journal.begin(lambda one=one: one), one)
        self._routes = Sidecar(journal, Faults())

    def call(self, _method: str, _route: str) -> Any:
        """What a client would get."""
        return json.loads(json.dumps(self._routes.calls({}, b"")))


def test_a_call_comes_back_as_it_was_noted() -> None:
    """Bytes and times too."""
    there = [call(), call(status=0, response=b"", response_size=0, gap=True)]
    assert RemoteJournal(Pod(*there)).calls() == there  # type: ignore[arg-type]


def test_only_what_the_subject_created_is_its_own() -> None:
    """An owner's UID, a refused call and a read are not."""
    calls = [
        call(),
        call(status=403, response=f'{{"uid":"{UIDS[1]}"}}'.encode()),
        call(method="GET", response=f'{{"uid":"{UIDS[1]}"}}'.encode()),
    ]
    assert made_by(calls) == {UIDS[0]}


def test_the_uid_is_found_where_the_answer_was_cut() -> None:
    """A Secret of 100 kB is not kept whole."""
    body = f'{{"kind":"Secret","metadata":{{"uid":"{UIDS[0]}"}},"data":{{"a":"QUFB'
    assert made_by([call(response=body.encode(), response_size=10**6)]) == {UIDS[0]}


class Beside:
    """The same container, asked for its gates."""

    def __init__(self, gates: Gates) -> None:
        self._routes = Sidecar(Journal(), Faults(), gates)

    def call(self, _method: str, route: str, **query: str) -> Any:
        """What a client would get."""
        return json.loads(json.dumps(getattr(self._routes, route)(query, b"")))


def test_a_call_is_held_beside_the_wrapper() -> None:
    """As where the tap is the harness's own."""
    gates, moved = Gates(), []
    remote = RemoteGates(Beside(gates))  # type: ignore[arg-type]
    hold = remote.hold("create jobs", "before")

    async def come() -> None:
        with contextlib.suppress(Cut):
            await gates.pass_through(call(), "before")
            moved.append("on")

    assert not hold.wait(0.0)
    thread = threading.Thread(target=asyncio.run, args=(come(),))
    thread.start()
    assert hold.wait(5.0)
    hold.release(goes_on=False)
    thread.join(5)
    assert (thread.is_alive(), moved) == (False, [])


def test_faults_come_to_the_sidecar() -> None:
    """As the harness writes them, over HTTP."""
    faults = Faults()
    wanted = Fault(number=2, at="create jobs", kind="answer", status=503, times=2)
    body = json.dumps([wanted.as_json()]).encode()
    Sidecar(Journal(), faults).put_faults({}, body)
    assert [faults.strike(call()) for _ in range(3)] == [wanted, wanted, None]
