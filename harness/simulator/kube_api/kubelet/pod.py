"""The life of one pod on its node, from admission to the last trace of it."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from harness.simulator.clock import Pace, as_datetime, rfc3339
from harness.simulator.kube_api.event_recorder import NORMAL, WARNING
from harness.simulator.kube_api.kubelet import (
    admission,
    environment,
    pod_status,
    workloads,
)
from harness.simulator.kube_api.kubelet import (
    node as nodes,
)
from harness.simulator.kube_api.kubelet.container import Container
from harness.simulator.kube_api.kubelet.container_state import ContainerView
from harness.simulator.kube_api.kubelet.node import Node
from harness.simulator.kube_api.kubelet.problems import MountError
from harness.simulator.kube_api.kubelet.volume_files import Sources
from harness.simulator.kube_api.kubelet.volumes import Volume, Volumes
from harness.simulator.kube_api.objects import (
    Object,
    is_deleting,
    name_of,
    namespace_of,
    parse_time,
    uid_of,
)
from harness.simulator.kube_api.pauses import scaled

_NOTICE_S, _SANDBOX_S, _TEAR_DOWN_S, _FINISH_S = 0.02, 0.25, 0.25, 1.2
_MOUNT_RETRY_S, _MOST_MOUNT_RETRY_S = 0.5, 122.0
_LEAST_GRACE_S = 2.0
_DEADLINE = "Pod was active on the node longer than the specified deadline"


class PodWorker:
    """Runs one pod; the kubelet tells it what becomes of its object."""

    def __init__(self, node: Node, obj: Object) -> None:
        self.node = node
        self.obj = obj
        self.ip = ""
        self.volumes: dict[str, Volume] = {}
        self.directory: Path = node.directory / uid_of(obj)
        self._start_time = rfc3339(node.clock.now_ns())
        spec = obj["spec"]
        self._main = [Container(self, c, kind="containers") for c in spec["containers"]]
        self._init = [
            Container(self, c, kind="initContainers")
            for c in spec.get("initContainers") or ()
        ]
        self._seen: dict[str, ContainerView] = {}
        self._dirty = asyncio.Event()
        self._tried_all = asyncio.Event()  # one look at the pod starts all containers
        self._tried_all.set()
        self._stop = asyncio.Event()
        self._vanished = asyncio.Event()
        self._is_over = False
        self._has_lost_sandbox = False
        self._reason = ""
        self._deadline_passed = False

    def update(self, obj: Object) -> None:
        """Take note of a newer object."""
        was_deleting = is_deleting(self.obj)
        self.obj = obj
        if is_deleting(obj):
            self._stop.set()
            if not was_deleting:
                self._dirty.set()

    def vanish(self) -> None:
        """Take note that the object is gone: nothing is left to report to."""
        self._vanished.set()
        self._stop.set()

    def changed(self) -> None:
        """Have the status brought up to date at the next look."""
        self._dirty.set()

    async def run(self) -> None:
        """Live until the object is gone."""
        try:
            refusal = admission.refusal(self.obj, self.node.obj, self._neighbours())
            if refusal is None:
                await self._live()
            else:
                self._reject(*refusal)
            await self._until_gone()
        finally:
            await self._clean_up()

    async def _live(self) -> None:
        await self.node.clock.lag(_NOTICE_S)
        self._look()
        self._post()
        life = asyncio.create_task(self._contents())
        reporter = asyncio.create_task(self._report())
        deadline = asyncio.create_task(self._wait_for_deadline())
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait(
                {life, deadline, stop}, return_when=asyncio.FIRST_COMPLETED
            )
            ended_by_itself = life.done() and not self._stop.is_set()
            if life.done():
                life.result()
            if not ended_by_itself:
                if self._deadline_passed and not self._stop.is_set():
                    await self._say_deadline()
                life.cancel()
                await asyncio.gather(life, return_exceptions=True)
                await self._stop_containers()
        finally:
            for task in (life, reporter, deadline, stop):
                task.cancel()
            await asyncio.gather(life, reporter, deadline, stop, return_exceptions=True)
        await self.node.clock.lag(_FINISH_S if ended_by_itself else _TEAR_DOWN_S)
        self._is_over = True
        self._look()
        self._post()

    async def _contents(self) -> None:
        """Volumes, sandbox, init containers in turn, then all containers."""
        await self._mount()
        await self.node.clock.lag(_SANDBOX_S)
        self.ip = self.node.new_ip()
        sidecars: list[asyncio.Task[None]] = []
        try:
            for container in self._init:
                if container.is_sidecar:
                    started = asyncio.Event()
                    run = container.run(started.set)
                    sidecars.append(asyncio.create_task(run))
                    await started.wait()
                    await self.shown()
                    continue
                await container.run(lambda: None)
                await self.shown()
                if not container.view.succeeded:
                    return
            await self._main_containers()
        finally:
            for sidecar in sidecars:
                sidecar.cancel()
            await asyncio.gather(*sidecars, return_exceptions=True)
        await self.shown()
        grace = workloads.grace_seconds(self.obj)
        for container in reversed(self._init):  # in vain for those that have ended
            await container.stop(grace, say=True)

    async def _main_containers(self) -> None:
        """All at once, to the end of the last."""
        runs = []
        self._tried_all.clear()
        try:
            for container in self._main:
                tried = asyncio.Event()
                runs.append(asyncio.create_task(container.run(tried.set)))
                await tried.wait()
            self._tried_all.set()
            await asyncio.gather(*runs)
        finally:
            self._tried_all.set()
            for run in runs:
                run.cancel()
            await asyncio.gather(*runs, return_exceptions=True)

    async def _mount(self) -> None:
        sources = Sources(
            store=self.node.cluster.store,
            tokens=self.node.cluster.tokens,
            pod=self.obj,
            node=self.node.obj,
            addresses=(nodes.IP, self.ip),
        )
        volumes = Volumes(
            self.directory, sources, self.node.host_paths, self.node.clock
        )
        self.directory.mkdir(parents=True, exist_ok=True)
        pause = _MOUNT_RETRY_S
        while True:
            try:
                self.volumes = volumes.set_up()
            except MountError as problem:
                self._event(WARNING, "FailedMount", str(problem))
                await self.node.clock.sleep(scaled(self.node.clock, pause))
                pause = min(pause * 2, _MOST_MOUNT_RETRY_S)
            else:
                return

    def environment(self, container: Object) -> dict[str, str]:
        """Return the container's variables; raise NotYetError."""
        return environment.build(
            self.obj,
            container,
            store=self.node.cluster.store,
            node=self.node.obj,
            addresses=(nodes.IP, self.ip),
            api_server=self.node.cluster.address.value,
        )

    async def shown(self) -> None:
        """Look now, at the kubelet's pace, and report."""
        self._dirty.clear()
        await self.node.tick()
        self._look()
        self._post()

    async def retry_pause(self, attempt: int) -> None:
        """Wait until the pod is looked at again; what is known then is shown."""
        await (self.node.pause() if attempt else self.node.tick())
        self._look()
        self._post()

    async def _report(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            if is_deleting(self.obj):
                await self.node.clock.lag(_NOTICE_S)
            else:
                await self._tried_all.wait()
                await self.node.settle()
                self._look()
            self._post()

    async def _wait_for_deadline(self) -> None:
        seconds = self.obj["spec"].get("activeDeadlineSeconds")
        if seconds is None:
            await asyncio.Event().wait()
        end = parse_time(self._start_time) + timedelta(seconds=seconds)
        left = (end - as_datetime(self.node.clock.now_ns())).total_seconds()
        await self.node.clock.sleep(max(left, 0))
        await self.node.tick()
        self._deadline_passed = True

    async def _say_deadline(self) -> None:
        """Report that the pod fails, and only then stop it, as the kubelet does."""
        self._reason = "DeadlineExceeded"
        self._event(NORMAL, "DeadlineExceeded", _DEADLINE)
        self._post()
        await self.node.clock.lag(1.0)

    async def _stop_containers(self) -> None:
        asked = 0 if self._vanished.is_set() else workloads.grace_seconds(self.obj)
        # a kubelet never gives less than this, whatever was asked
        least = _LEAST_GRACE_S if self.node.clock.pace is Pace.REAL else 0
        grace = max(asked, least)
        every = [*self._init, *self._main]
        stops = [asyncio.create_task(c.stop(grace, say=True)) for c in every]
        hurry = asyncio.create_task(self._vanished.wait())
        everything = asyncio.create_task(_all_done(stops))
        await asyncio.wait({everything, hurry}, return_when=asyncio.FIRST_COMPLETED)
        if not all(stop.done() for stop in stops):
            # deleted by force in the meantime: no grace is left
            for container in every:
                await container.stop(0, say=False)
        hurry.cancel()
        await asyncio.gather(everything, hurry, return_exceptions=True)
        await asyncio.gather(*stops)
        await self._forget_waiting(every)

    async def _forget_waiting(self, every: Sequence[Container]) -> None:
        """Say in the real steps of containers that never ran that they are gone."""
        waiting = [c for c in every if c.forget_problem()]
        if not waiting:
            return
        self._look()
        self._post()
        await self.node.clock.lag(_NOTICE_S)
        self._has_lost_sandbox = True
        self._post()
        for container in waiting:
            container.note_never_started()

    def _look(self) -> None:
        for container in (*self._init, *self._main):
            self._seen[container.spec["name"]] = container.view

    def _post(self) -> None:
        """Write the status, if it says something new and the pod is still there."""
        if self.node.is_lost:
            return  # told when the node is back
        store = self.node.cluster.store
        stored = store.get("pods", namespace_of(self.obj), name_of(self.obj))
        if stored is None or uid_of(stored) != uid_of(self.obj):
            return
        facts = pod_status.Facts(
            now=rfc3339(self.node.clock.now_ns()),
            node_ip=nodes.IP,
            pod_ip=self.ip if self._has_started() else "",
            start_time=self._start_time,
            has_sandbox=self._has_started() and not self._has_lost_sandbox,
            is_over=self._is_over,
            reason=self._reason,
            message=_DEADLINE if self._reason else "",
        )
        views = [
            [self._seen[c.spec["name"]] for c in k] for k in (self._main, self._init)
        ]
        status = pod_status.build(stored, views[0], views[1], facts)
        self.obj = store.update("pods", {**stored, "status": status})

    def _has_started(self) -> bool:
        """Say whether what was seen tells that there is a sandbox."""
        if self._stop.is_set() or self._has_lost_sandbox:
            return bool(self.ip)
        first = (self._init or self._main)[0].spec["name"]
        fresh = self._seen[first]
        untouched = not fresh.has_ended and not fresh.is_running
        reason = getattr(fresh.state, "reason", "")
        waits = reason in ("ContainerCreating", "PodInitializing")
        return bool(self.ip) and not (untouched and waits)

    def _reject(self, reason: str, message: str) -> None:
        self._event(WARNING, reason, message)
        now = rfc3339(self.node.clock.now_ns())
        status = pod_status.rejected(self.obj, reason, message, now)
        self.obj = self.node.cluster.store.update(
            "pods", {**self.obj, "status": status}
        )

    def _neighbours(self) -> list[Object]:
        return [
            other
            for other in self.node.cluster.store.all("pods")
            if other["spec"].get("nodeName") == self.node.name
            and uid_of(other) != uid_of(self.obj)
        ]

    async def _until_gone(self) -> None:
        """Wait for the deletion; where it has grace, the last word is the kubelet's."""
        await self._stop.wait()
        if self._vanished.is_set():
            return
        await self.node.tick()
        await self.node.reachable()
        store = self.node.cluster.store
        stored = store.get("pods", namespace_of(self.obj), name_of(self.obj))
        if stored is not None and uid_of(stored) == uid_of(self.obj):
            self.node.cluster.deleter.remove_terminated_pod(stored)
        await self._vanished.wait()

    async def _clean_up(self) -> None:
        every = [*self._init, *self._main]
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(c.stop(0, say=False) for c in every))
        for container in every:
            container.forget_logs()
        Volumes.remove(self.directory)

    def _event(self, kind: str, reason: str, message: str) -> None:
        self.node.events.record(self.obj, kind, reason, message)


async def _all_done(tasks: Sequence["asyncio.Task[None]"]) -> None:
    await asyncio.wait(tasks)
