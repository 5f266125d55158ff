"""Watches the containers of a Docker Engine, whoever answers for it.

A wrapper removes its container when it is done, so all is noted as it happens: the
engine's events, an inspection at each turn, and the log from the container's start on.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import docker
import requests
from docker.errors import APIError, NotFound

from .logs import FollowedLog
from .seen import MountGiven, State, WorkerSeen

SETTLE_S = 5.0
_ACTIONS = ("create", "start", "oom", "kill", "die", "stop", "destroy")


class _Container:
    """What is known of one container so far."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.inspected: dict[str, Any] = {}
        self.exit_code: int | None = None
        self.oom_killed = False
        self.destroyed = False
        self.log: FollowedLog | None = None


class DockerObserver:
    """Listens to the engine's events from its making on."""

    def __init__(self, base_url: str) -> None:
        self._api = docker.APIClient(base_url=base_url, timeout=60)
        self._reader = docker.APIClient(base_url=base_url, timeout=10**6)
        self._containers: dict[str, _Container] = {}
        self._changed = threading.Condition()
        self._images: dict[str, dict[str, Any]] = {}
        self._events = self._reader.events(decode=True, filters={"type": ["container"]})
        threading.Thread(target=self._listen, daemon=True, name="docker-events").start()

    @property
    def api(self) -> docker.APIClient:
        """For what else is to be asked of the engine."""
        return self._api

    def _listen(self) -> None:
        broken = (requests.RequestException, APIError, OSError, ValueError)
        try:
            for event in self._events:
                with contextlib.suppress(*broken):  # it may be gone already
                    self._take(event)
        except broken:
            return  # the engine is gone; what is known stays known

    def _take(self, event: Mapping[str, Any]) -> None:
        action = str(event["Action"])
        if action not in _ACTIONS:
            return
        container_id = event["Actor"]["ID"]
        attributes = event["Actor"].get("Attributes", {})
        with self._changed:
            container = self._containers.setdefault(container_id, _Container())
        if action == "die":
            container.exit_code = int(attributes.get("exitCode", -1))
        container.oom_killed |= action == "oom"
        container.destroyed |= action == "destroy"
        if action in ("create", "start", "die"):
            self._inspect(container_id, container)
        if action == "start":
            container.log = self._follow(container_id)
        detail = attributes.get("exitCode") or attributes.get("signal") or ""
        with self._changed:
            container.states.append(
                State(at=_event_time(event), what=action, detail=str(detail))
            )
            self._changed.notify_all()

    def _follow(self, container_id: str) -> FollowedLog | None:
        try:
            stream = self._reader.logs(container_id, stream=True, follow=True)
        except (APIError, requests.RequestException):
            return None  # gone already
        return FollowedLog(stream, f"log-{container_id[:12]}")

    def _inspect(self, container_id: str, container: _Container) -> None:
        try:
            container.inspected = self._api.inspect_container(container_id)
        except (APIError, requests.RequestException):
            return  # gone already; the last inspection stays
        state = container.inspected["State"]
        container.oom_killed |= bool(state.get("OOMKilled"))

    def wait_for(
        self,
        containers: Callable[[], Iterable[str]],
        actions: Iterable[str],
        timeout_s: float,
    ) -> bool:
        """Wait until one of these actions has been seen of one of the containers."""
        wanted = set(actions)

        def seen() -> bool:
            return any(wanted & self._actions(one) for one in containers())

        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not seen():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                # which containers are meant may be known only after their event
                self._changed.wait(min(left, 0.02))
            return True

    def _actions(self, container_id: str) -> set[str]:
        container = self._containers.get(container_id)
        return {state.what for state in container.states} if container else set()

    def exists(self, container_id: str) -> bool:
        """Whether the engine still has it."""
        try:
            self._api.inspect_container(container_id)
        except NotFound:
            return False
        return True

    def seen(self, container_id: str) -> WorkerSeen:
        """All that was seen of a container."""
        exists = self.exists(container_id)
        actions = self._actions(container_id)
        if "start" in actions and not exists:
            self.wait_for(lambda: [container_id], ["die"], SETTLE_S)
        if not exists:
            self.wait_for(lambda: [container_id], ["destroy"], SETTLE_S)
        container = self._containers.get(container_id, _Container())
        if exists:
            self._inspect(container_id, container)
        return self._as_worker(container_id, container, removed=not exists)

    def _as_worker(
        self, container_id: str, container: _Container, *, removed: bool
    ) -> WorkerSeen:
        data = container.inspected
        config, host = data.get("Config", {}), data.get("HostConfig", {})
        state = data.get("State", {})
        image = self._image(str(config.get("Image", "")))
        given, own = config.get("Entrypoint"), image.get("Entrypoint")
        started = any(one.what == "start" for one in container.states)
        return WorkerSeen(
            backend="docker",
            id=container_id,
            name=str(data.get("Name", "")).lstrip("/"),
            image=str(config.get("Image", "")),
            labels=config.get("Labels") or {},
            args=tuple(config.get("Cmd") or ()),
            replaced_entrypoint=tuple(given or ()) if given != own else None,
            env=_environment(config.get("Env") or (), image.get("Env") or ()),
            mounts=tuple(_mount(mount) for mount in data.get("Mounts") or ()),
            memory_limit=host.get("Memory") or None,
            cpu_weight=host.get("CpuShares") or None,
            cpu_cap=_cpu_cap(host),
            pods=sum(one.what == "start" for one in container.states),
            states=tuple(container.states),
            exit_code=container.exit_code,
            oom_killed=container.oom_killed,
            ended=container.exit_code is not None or (removed and not started),
            started_at=_time(state.get("StartedAt")),
            finished_at=_time(state.get("FinishedAt")),
            removed=removed,
            log=container.log.seen(SETTLE_S) if container.log else None,
            objects=(data,) if data else (),
        )

    def _image(self, name: str) -> dict[str, Any]:
        if name and name not in self._images:
            try:
                found: Any = self._api.inspect_image(name)  # type: ignore[no-untyped-call]
                self._images[name] = found["Config"] or {}
            except (APIError, requests.RequestException):
                self._images[name] = {}
        return self._images.get(name, {})


def _environment(given: Iterable[str], own: Iterable[str]) -> dict[str, str]:
    """What was given besides the image's own variables."""
    image = set(own)
    pairs = (item.partition("=") for item in given if item not in image)
    return {name: value for name, _, value in pairs}


def _mount(mount: Mapping[str, Any]) -> MountGiven:
    kind = str(mount.get("Type", ""))
    source = mount.get("Name") if kind == "volume" else mount.get("Source")
    return MountGiven(
        target=str(mount.get("Destination", "")),
        kind=kind,
        source=str(source or ""),
        read_only=not mount.get("RW", True),
    )


def _cpu_cap(host: Mapping[str, Any]) -> float | None:
    if host.get("NanoCpus"):
        return float(host["NanoCpus"]) / 1e9
    if host.get("CpuQuota"):
        return float(host["CpuQuota"]) / float(host.get("CpuPeriod") or 100_000)
    return None


def _event_time(event: Mapping[str, Any]) -> datetime:
    nanoseconds = event.get("timeNano") or event["time"] * 10**9
    return datetime.fromtimestamp(nanoseconds / 1e9, timezone.utc)


def _time(text: str | None) -> datetime | None:
    """A time of the engine (RFC 3339, nanoseconds); its zero time is none."""
    if not text or text.startswith("0001-"):
        return None
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}").replace(
        tzinfo=timezone.utc
    )
