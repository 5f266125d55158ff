"""The life of one container: image, configuration, process, and again if it ends."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.simulator.kube_api.event_recorder import NORMAL, WARNING
from harness.simulator.kube_api.kubelet import images, termination, workloads
from harness.simulator.kube_api.kubelet.container_state import (
    NEVER_RAN,
    ContainerView,
    Running,
    State,
    Terminated,
    Waiting,
)
from harness.simulator.kube_api.kubelet.images import Pulled
from harness.simulator.kube_api.kubelet.node import Node
from harness.simulator.kube_api.kubelet.problems import NotYetError
from harness.simulator.kube_api.kubelet.volumes import Volume
from harness.simulator.kube_api.objects import Object, name_of, namespace_of, uid_of
from harness.simulator.kube_api.pauses import scaled
from harness.simulator.runtime import (
    ContainerLog,
    Exit,
    Process,
    StartError,
    StartFailure,
    Workload,
)

_CREATE_S, _START_S = 0.02, 0.1
_FIRST_RESTART_S, _MOST_RESTART_S = 10.0, 300.0
_FORGIVEN_AFTER_S = 600.0
_KEPT_LOGS = 2
_SHORT = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName")
_NOT_LOCATED = "The container could not be located when the pod was terminated"


class Pod(Protocol):
    """What a container knows of its pod."""

    node: Node
    obj: Object
    ip: str
    volumes: dict[str, Volume]
    directory: Path

    def environment(self, container: Object) -> dict[str, str]:
        """Return the container's variables; raise NotYetError."""

    def changed(self) -> None:
        """Have the pod's status looked at soon."""

    async def shown(self) -> None:
        """Return when the status shows what is known now."""

    async def retry_pause(self, attempt: int) -> None:
        """Return when the kubelet looks at the pod again."""


@dataclass(slots=True)
class _Run:
    """One start of the container."""

    process: Process
    log: ContainerLog
    container_id: str


class Container:
    """Runs one container of a pod; `view` is what is known of it."""

    def __init__(self, pod: Pod, spec: Object, *, kind: str) -> None:
        self.spec = spec
        self._pod = pod
        self._path = f"spec.{kind}{{{spec['name']}}}"
        has_init = bool(pod.obj["spec"].get("initContainers"))
        reason = "PodInitializing" if has_init else "ContainerCreating"
        self._fresh = Waiting(reason)
        self.state: State = self._fresh
        self._last: Terminated | None = None
        self._restarts = 0
        self._image: Pulled | None = None
        self._run: _Run | None = None
        self._failures = 0
        self._log_ids: list[str] = []
        self._last_words = pod.directory / "none"

    @property
    def view(self) -> ContainerView:
        """Return what is known now."""
        container_id = self._run.container_id if self._run is not None else ""
        if isinstance(self.state, Terminated) and self.state.container_id:
            container_id = self.state.container_id
        ran = bool(container_id)
        return ContainerView(
            name=self.spec["name"],
            state=self.state,
            last=self._last,
            restarts=self._restarts,
            image=images.status_name(self.spec["image"]) if ran else "",
            image_id=images.status_id(self._image.image) if ran and self._image else "",
            container_id=container_id,
            is_sidecar=self.is_sidecar,
        )

    @property
    def is_sidecar(self) -> bool:
        """Say whether it is an init container that runs beside the others."""
        return self.spec.get("restartPolicy") == "Always"

    async def run(self, first_attempt: Callable[[], None]) -> None:
        """Start it, and again as the restart policy says, until it has ended for good.

        `first_attempt` is called when it runs, or could not be started at once.
        """
        while True:
            await self._bring_up(first_attempt)
            if self._run is not None and isinstance(self.state, Running):
                ended = await self._run.process.wait()
                await self._note_end(ended)
            self._pod.changed()
            first_attempt()
            if not self._restarts_after_end():
                return
            await self._restart_pause()

    async def stop(self, grace: float, *, say: bool) -> None:
        """End its process: SIGTERM, then SIGKILL when the grace is over."""
        run = self._run
        if run is None or not run.process.running:
            return
        if say:
            name = self.spec["name"]
            self._event(NORMAL, "Killing", f"Stopping container {name}")
        if grace > 0:
            run.process.signal(15)
            ended = asyncio.ensure_future(run.process.wait())
            timer = asyncio.ensure_future(self._pod.node.clock.sleep(grace))
            await asyncio.wait({ended, timer}, return_when=asyncio.FIRST_COMPLETED)
            timer.cancel()
        if run.process.running:
            run.process.kill()
        await self._note_end(await run.process.wait())

    def forget_problem(self) -> bool:
        """Forget why it has not started; say whether it never has."""
        if not isinstance(self.state, Waiting) or self._last is not None:
            return False
        self.state = self._fresh
        return True

    def note_never_started(self) -> None:
        """Say of a container that was to start that it is gone with its pod."""
        self.state = Terminated(
            container_id="",
            exit_code=137,
            reason=NEVER_RAN,
            message=_NOT_LOCATED,
            started_at_ns=None,
            finished_at_ns=None,
        )

    async def _bring_up(self, first_attempt: Callable[[], None]) -> None:
        attempt = 0
        while True:
            try:
                await self._start()
            except NotYetError as problem:
                self._event(WARNING, "Failed", _error_text(problem))
                self.state = Waiting(problem.reason, problem.message)
                first_attempt()
                # the next look shows this problem before it tries again
                await self._pod.retry_pause(attempt)
                attempt += 1
                continue
            self._pod.changed()
            first_attempt()
            return

    async def _start(self) -> None:
        """Try once; raise NotYetError where it can't be now."""
        self._image = await self._pulled()
        env = self._pod.environment(self.spec)
        workload = workloads.build(
            self._pod.obj,
            self.spec,
            self._image.image,
            env=env,
            volumes=self._pod.volumes,
            own_files=self._own_files(),
        )
        node = self._pod.node
        await node.clock.lag(_CREATE_S)
        container_id = f"containerd://{node.ids.hex(64)}"
        if isinstance(self.state, Terminated):
            self._last = self.state
            self._restarts += 1
        name = self.spec["name"]
        self._event(NORMAL, "Created", f"Created container: {name}")
        await self._launch(workload, container_id)

    def _own_files(self) -> dict[str, Path]:
        """Make the files that each run gets: for its last word, and the hosts."""
        directory, name = self._pod.directory, self.spec["name"]
        self._last_words = directory / f"{name}-termination-log"
        self._last_words.write_bytes(b"")
        hosts = directory / "etc-hosts"
        hostname = workloads.host_name(self._pod.obj)
        hosts.write_text(workloads.hosts_file(self._pod.ip, hostname))
        place = self.spec["terminationMessagePath"]
        return {place: self._last_words, "/etc/hosts": hosts}

    async def _launch(self, workload: Workload, container_id: str) -> None:
        node = self._pod.node
        log = node.logs.create(container_id)
        # the log of the last run stays for `previous`, those before it go
        self._log_ids.append(container_id)
        if len(self._log_ids) > _KEPT_LOGS:
            node.logs.delete(self._log_ids.pop(0))
        starting = asyncio.create_task(node.runtime.start(workload, log))
        try:
            await asyncio.shield(starting)
        except StartError as problem:
            self._note_start_error(problem, container_id)
            return
        except asyncio.CancelledError:
            # a start can't be stopped half-way: once it runs, it can be killed
            with contextlib.suppress(StartError):
                self._note_running(await starting, log, container_id)
            raise
        self._note_running(starting.result(), log, container_id)
        await node.clock.lag(_START_S)
        self._event(NORMAL, "Started", f"Started container {self.spec['name']}")

    def _note_running(
        self, process: Process, log: ContainerLog, container_id: str
    ) -> None:
        self._run = _Run(process, log, container_id)
        self.state = Running(container_id, process.started_at_ns)
        self._pod.node.rotate(log, process)

    async def _pulled(self) -> Pulled:
        node, reference = self._pod.node, self.spec["image"]
        try:
            images.check_name(reference)
        except NotYetError as problem:
            self._event(WARNING, "InspectFailed", problem.message)
            raise
        policy = self.spec.get("imagePullPolicy", "IfNotPresent")
        if not node.images.needs_pull(reference, policy):
            try:
                found = node.images.present(reference)
            except NotYetError as problem:
                self._event(WARNING, problem.reason, problem.message)
                raise
            self._event(NORMAL, "Pulled", found.message)
            return found
        try:
            node.images.check_backoff(uid_of(self._pod.obj), reference)
        except NotYetError:
            text = f'Back-off pulling image "{reference}"'
            self._event(NORMAL, "BackOff", text)
            raise
        self._event(NORMAL, "Pulling", f'Pulling image "{reference}"')
        try:
            pulled = await node.images.pull(uid_of(self._pod.obj), reference)
        except NotYetError as problem:
            text = f'Failed to pull image "{reference}": {problem.message}'
            self._event(WARNING, "Failed", text)
            raise
        self._event(NORMAL, "Pulled", pulled.message)
        return pulled

    def _note_start_error(self, problem: StartError, container_id: str) -> None:
        if problem.kind is StartFailure.UNSUPPORTED:
            self._pod.node.report_gap(self._pod.obj, problem.message)
        message = workloads.start_error(problem)
        self._event(WARNING, "Failed", f"Error: {message}")
        self.state = Terminated(
            container_id=container_id,
            exit_code=128,
            reason="StartError",
            message=message,
            started_at_ns=0,
            finished_at_ns=self._pod.node.clock.now_ns(),
        )

    async def _note_end(self, ended: Exit) -> None:
        run = self._run
        if run is None or isinstance(self.state, Terminated):
            return
        reason = "Completed" if ended.code == 0 else "Error"
        self.state = Terminated(
            container_id=run.container_id,
            exit_code=ended.code,
            reason="OOMKilled" if ended.oom_killed else reason,
            message=await termination.message(
                self.spec, self._last_words, run.log, ended.code
            ),
            started_at_ns=ended.started_at_ns,
            finished_at_ns=ended.finished_at_ns,
        )

    def _restarts_after_end(self) -> bool:
        policy = self._pod.obj["spec"].get("restartPolicy", "Always")
        state = self.state
        if self.is_sidecar:
            return isinstance(state, Terminated)
        if not isinstance(state, Terminated) or policy == "Never":
            return False
        is_init = self._path.startswith("spec.initContainers")
        if policy == "Always" and not is_init:
            return True
        return state.exit_code != 0

    async def _restart_pause(self) -> None:
        """Wait before the next run: not at all the first time, then longer."""
        await self._pod.shown()
        node = self._pod.node
        ended = self.state
        assert isinstance(ended, Terminated)
        ran_s = ((ended.finished_at_ns or 0) - (ended.started_at_ns or 0)) / 1e9
        if ran_s > _FORGIVEN_AFTER_S:
            self._failures = 0
        self._failures += 1
        if self._failures == 1:
            return
        wait = min(_FIRST_RESTART_S * 2 ** (self._failures - 2), _MOST_RESTART_S)
        due = node.clock.monotonic() + scaled(node.clock, wait)
        obj, name = self._pod.obj, self.spec["name"]
        who = f"{name_of(obj)}_{namespace_of(obj)}({uid_of(obj)})"
        while node.clock.monotonic() < due:
            text = f"Back-off restarting failed container {name} in pod {who}"
            self._event(WARNING, "BackOff", text)
            self._last = ended
            self.state = Waiting(
                "CrashLoopBackOff",
                f"back-off {_go_seconds(wait)} restarting failed container={name} "
                f"pod={who}",
            )
            await self._pod.retry_pause(1)
        self.state = ended

    def forget_logs(self) -> None:
        """Remove what the container's runs have written."""
        while self._log_ids:
            self._pod.node.logs.delete(self._log_ids.pop())

    def _event(self, kind: str, reason: str, message: str) -> None:
        self._pod.node.events.record(
            self._pod.obj, kind, reason, message, path=self._path
        )


def _error_text(problem: NotYetError) -> str:
    """Return what the event says: for images the reason alone."""
    if problem.reason in _SHORT:
        return f"Error: {problem.reason}"
    return f"Error: {problem.message}"


def _go_seconds(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
