"""pods/log: which container's log, from where, how much, and what if there is none."""

import asyncio
import contextlib
from dataclasses import dataclass

from aiohttp import web

from harness.simulator.clock import as_datetime, rfc3339_nano
from harness.simulator.kube_api import errors
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.objects import Object, name_of, parse_time
from harness.simulator.kube_api.request_info import truth
from harness.simulator.kube_api.serving import content
from harness.simulator.kube_api.serving.call import Call
from harness.simulator.runtime import ContainerLog, Record

_NEGATIVE = "must be greater than or equal to 0"
_NOT_POSITIVE = "must be greater than 0"
_STATUSES = ("containerStatuses", "initContainerStatuses")
_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Options:
    follow: bool
    previous: bool
    timestamps: bool
    tail: int | None
    limit: int | None
    since_ns: int


async def read(call: Call) -> web.StreamResponse:
    """Stream a container's log as text."""
    options = _options(call)
    pod = call.cluster.store.get("pods", call.namespace, call.info.name)
    if pod is None:
        raise errors.not_found("", "pods", call.info.name)
    container = _container(pod, call.query.get("container", ""))
    _check_reachable(call, pod, container)
    answer = web.StreamResponse()
    content.finish_headers(answer)
    if not pod["spec"].get("nodeName"):
        answer.set_status(204)
        await answer.prepare(call.request)
        return answer
    answer.headers["Content-Type"] = "text/plain"
    log = call.cluster.logs.get(
        _container_id(pod, container, previous=options.previous)
    )
    answer.enable_chunked_encoding()
    await answer.prepare(call.request)
    if log is None:
        return answer
    # the client may go, or the server end, in the middle of it
    with contextlib.suppress(ConnectionResetError, asyncio.CancelledError):
        await _copy(answer, log, options)
    return answer


def _check_reachable(call: Call, pod: Object, container: str) -> None:
    """Raise 500 where the kubelet can't be asked."""
    node = pod["spec"].get("nodeName", "")
    if node in call.cluster.world.lost_nodes:
        found = call.cluster.store.get("nodes", "", node) or {}
        addresses = (found.get("status") or {}).get("addresses") or [{"address": node}]
        host = f"{addresses[0]['address']}:10250"
        raise errors.unknown(
            f'Get "https://{host}/containerLogs/{call.namespace}/{name_of(pod)}/'
            f'{container}": dial tcp {host}: connect: no route to host'
        )


async def _copy(
    answer: web.StreamResponse, log: ContainerLog, options: _Options
) -> None:
    left = options.limit
    new_line = True
    async for batch in log.read(
        tail=options.tail, since_ns=options.since_ns, follow=options.follow
    ):
        data = bytearray()
        for record in batch:
            if options.timestamps and new_line:
                data += _time(record)
            data += record.data
            new_line = record.data.endswith(b"\n")
        if left is not None:
            del data[left:]
            left -= len(data)
        await answer.write(bytes(data))
        if left == 0:
            return


def _time(record: Record) -> bytes:
    return f"{rfc3339_nano(record.time_ns, fixed=True)} ".encode()


def _options(call: Call) -> _Options:
    tail, limit = call.integer("tailLines"), call.integer("limitBytes")
    seconds, moment = call.integer("sinceSeconds"), call.query.get("sinceTime")
    found = []
    if tail is not None and tail < 0:
        found.append(field.invalid("tailLines", tail, _NEGATIVE))
    if limit is not None and limit < 1:
        found.append(field.invalid("limitBytes", limit, _NOT_POSITIVE))
    if seconds is not None and moment:
        text = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        found.append(field.forbidden("[]", text))
    elif seconds is not None and seconds < 1:
        found.append(field.invalid("sinceSeconds", seconds, _NOT_POSITIVE))
    if found:
        raise errors.invalid("", "PodLogOptions", call.info.name, found)
    since_ns = 0
    if seconds is not None:
        since_ns = call.cluster.world.clock.now_ns() - seconds * 10**9
    elif moment:
        since_ns = _moment(moment)
    return _Options(
        follow=truth(call.query, "follow"),
        previous=truth(call.query, "previous"),
        timestamps=truth(call.query, "timestamps"),
        tail=tail,
        limit=limit,
        since_ns=since_ns,
    )


def _moment(text: str) -> int:
    try:
        parsed = parse_time(text)
    except ValueError:
        raise errors.bad_request(
            f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse '
            f'"{text}" as "2006"'
        ) from None
    return int((parsed - as_datetime(0)).total_seconds() * 10**9)


def _container(pod: Object, asked: str) -> str:
    """Return the container that is meant; raise 400 where that isn't clear."""
    spec = pod["spec"]
    main = [c["name"] for c in spec["containers"]]
    init = [c["name"] for c in spec.get("initContainers") or ()]
    if asked:
        if asked in main or asked in init:
            return asked
        raise errors.bad_request(
            f"container {asked} is not valid for pod {name_of(pod)}"
        )
    if len(main) == 1:
        return str(main[0])
    raise errors.bad_request(
        f"a container name must be specified for pod {name_of(pod)}, choose one of: "
        f"[{' '.join([*init, *main])}]"
    )


def _container_id(pod: Object, container: str, *, previous: bool) -> str:
    """Return whose log it is, by the pod's status; raise 400 where there is none."""
    status = pod.get("status") or {}
    found = next(
        (s for k in _STATUSES for s in status.get(k) or () if s["name"] == container),
        None,
    )
    where = f'container "{container}" in pod "{name_of(pod)}"'
    if found is None:
        raise errors.bad_request(f"{where} is not available")
    last = (found.get("lastState") or {}).get("terminated") or {}
    state = found.get("state") or {}
    if previous:
        if not last.get("containerID"):
            raise errors.bad_request(f"previous terminated {where} not found")
        return str(last["containerID"])
    if "running" in state:
        return str(found["containerID"])
    ended = state.get("terminated") or {}
    if ended.get("containerID"):
        return str(ended["containerID"])
    if last.get("containerID"):
        return str(last["containerID"])
    if ended or last:
        raise errors.bad_request(f"{where} is terminated")
    reason = (state.get("waiting") or {}).get("reason", "")
    raise errors.bad_request(
        f"{where} is waiting to start: {_WAITING.get(reason, reason)}"
    )
