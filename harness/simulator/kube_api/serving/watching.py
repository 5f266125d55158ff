"""watch: initial state, changes through a filter, bookmarks, and 410 as an event."""

import asyncio
import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from harness.simulator.kube_api import errors
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.errors import ApiError
from harness.simulator.kube_api.objects import Object, with_meta
from harness.simulator.kube_api.request_info import truth
from harness.simulator.kube_api.serving import content, presenting
from harness.simulator.kube_api.serving.call import Call
from harness.simulator.kube_api.serving.listing import Filter, filter_of
from harness.simulator.kube_api.store import Change, CompactedError, Watch

_BOOKMARK_S = 60.0
_TIMEOUT_S = 45 * 60.0
"""What a watch without timeoutSeconds gets; the real one draws 30 to 60 minutes."""
_INITIAL_END = "k8s.io/initial-events-end"


async def watch(call: Call) -> web.StreamResponse:
    """Stream events until the timeout or the client's end."""
    chosen = filter_of(call)
    timeout = call.integer("timeoutSeconds") or _TIMEOUT_S
    stream = _Stream(call, chosen)
    since, initial = _start(call)
    answer = web.StreamResponse()
    answer.headers["Content-Type"] = stream.form.media_type
    content.finish_headers(answer, call.warnings)
    answer.enable_chunked_encoding()
    try:
        source = call.cluster.store.watch(call.resource.key, since)
    except CompactedError as problem:
        await answer.prepare(call.request)
        text = f"too old resource version: {since} ({problem.oldest})"
        await answer.write(stream.error(errors.expired(text)))
        return answer
    try:
        await answer.prepare(call.request)
        # one write for what is there, so that it arrives in one piece
        first = b"".join(stream.initial(since)) if initial else b""
        if first:
            await answer.write(first)
        await _follow(answer, stream, source, timeout)
    except (ConnectionResetError, asyncio.CancelledError):
        pass  # the client has gone, or the server ends
    finally:
        source.close()
    return answer


async def _follow(
    answer: web.StreamResponse, stream: "_Stream", source: Watch, timeout: float
) -> None:
    clock = stream.call.cluster.world.clock
    end = clock.monotonic() + timeout
    bookmark = clock.monotonic() + min(_BOOKMARK_S, max(timeout - 2, 0.5))
    while True:
        due = min(end, bookmark) if stream.bookmarks else end
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(source.wait(), max(due - clock.monotonic(), 0))
        data = b"".join(stream.events(source.take()))
        if stream.bookmarks and clock.monotonic() >= bookmark:
            data += stream.bookmark()
            bookmark = clock.monotonic() + _BOOKMARK_S
        if data:
            await answer.write(data)
        if clock.monotonic() >= end:
            return


def _start(call: Call) -> tuple[int, bool]:
    """Return after which revision to watch, and whether the state comes first."""
    text = call.query.get("resourceVersion", "")
    match = call.query.get("resourceVersionMatch", "")
    asked = call.query.get("sendInitialEvents")
    _check_initial(asked, match)
    if text and not re.fullmatch(r"\d+", text):
        problem = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise ApiError(500, "", str(field.invalid("resourceVersion", text, problem)))
    now = call.cluster.store.revision
    if truth(call.query, "sendInitialEvents"):
        return now, True
    if text in ("", "0"):
        return now, asked is None
    return int(text), False


def _check_initial(asked: str | None, match: str) -> None:
    found = []
    where = "resourceVersionMatch"
    if asked is not None and match != "NotOlderThan":
        why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        found.append(field.forbidden(where, why))
    if asked is None and match:
        why = (
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
            "provided"
        )
        found.append(field.forbidden(where, why))
        if match != "NotOlderThan":
            found.append(field.not_supported(where, match, ("NotOlderThan",)))
    if found:
        raise errors.invalid("meta.k8s.io", "ListOptions", "", found)


class _Stream:
    """Turns changes into lines."""

    def __init__(self, call: Call, chosen: Filter) -> None:
        self.call = call
        self.form = presenting.form_of(call)
        self.bookmarks = truth(call.query, "allowWatchBookmarks")
        self._filter = chosen
        self._header = True

    def initial(self, revision: int) -> Iterator[bytes]:
        """Yield what is there as ADDED, and the mark of its end if asked for."""
        row = self.call.resource
        for obj in self.call.cluster.store.all(row.key, self.call.namespace):
            if self._filter.takes(obj):
                yield self._line("ADDED", obj)
        if self.bookmarks and truth(self.call.query, "sendInitialEvents"):
            yield self.bookmark(revision, {_INITIAL_END: "true"})

    def events(self, changes: list[Change]) -> Iterator[bytes]:
        """Yield the changes that the filter shows."""
        for change in changes:
            kind, obj = self._seen(change)
            if obj is not None:
                yield self._line(kind, obj)

    def bookmark(
        self, revision: int = 0, annotations: dict[str, str] | None = None
    ) -> bytes:
        """Return the line that says up to which revision all was told."""
        row = self.call.resource
        shown = str(revision or self.call.cluster.store.revision)
        metadata: dict[str, Any] = {"resourceVersion": shown}
        if annotations:
            metadata["annotations"] = annotations
        obj = {"kind": row.kind, "apiVersion": row.group_version, "metadata": metadata}
        return self._encode("BOOKMARK", obj)

    def error(self, problem: ApiError) -> bytes:
        """Return an error as an event: the answer's status stays 200."""
        return self._encode("ERROR", problem.status())

    def _seen(self, change: Change) -> tuple[str, Object | None]:
        before, after = self._filter.takes(change.old), self._filter.takes(change.new)
        if after:
            return ("MODIFIED" if before else "ADDED"), change.new
        if not before:
            return "", None
        if change.new is None:
            return "DELETED", change.last
        # it left the selector: its last form, at the revision of leaving
        assert change.old is not None
        return "DELETED", with_meta(change.old, resourceVersion=str(change.revision))

    def _line(self, kind: str, stored: Object) -> bytes:
        obj = self.call.resource.strategy.from_stored(stored)
        shown = presenting.convert(self.call, obj, self.form, header=self._header)
        self._header = False
        return self._encode(kind, shown)

    def _encode(self, kind: str, obj: Object) -> bytes:
        event = {"type": kind, "object": obj}
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        return text.encode() + b"\n"
