"""A call while it is under way: what the relay has seen of it so far."""

import time
from datetime import datetime, timezone

import h11

from .journal import KEEP_LOG, KEEP_REQUEST, KEEP_RESPONSE, Call

GAP_HEADER = b"x-qfc-simulator"


class Note:
    """A call while it is under way."""

    def __init__(self, request: h11.Request) -> None:
        self.fault = ""
        self.injected = False
        self._at = datetime.now(timezone.utc)
        self._began = time.monotonic()
        self._method = request.method.decode()
        self._target = request.target.decode()
        self._status = 0
        self._gap = False
        path = self._target.partition("?")[0]
        self._keep = KEEP_LOG if path.endswith(("/log", "/logs")) else KEEP_RESPONSE
        self._request = bytearray()
        self._response = bytearray()
        self._size = 0

    def sent(self, data: bytes) -> None:
        """More of the request."""
        self._request += data[: max(0, KEEP_REQUEST - len(self._request))]

    def answered(self, event: h11.Response | h11.InformationalResponse) -> None:
        """The head of an answer."""
        self._status = event.status_code
        headers = dict(event.headers)
        self._gap = headers.get(GAP_HEADER) == b"gap"

    def received(self, data: bytes) -> None:
        """More of its body."""
        self._size += len(data)
        room = self._keep - len(self._response)
        self._response += data[: max(0, room)]

    def call(self) -> Call:
        """What is known of it so far."""
        return Call(
            at=self._at,
            seconds=time.monotonic() - self._began,
            method=self._method,
            target=self._target,
            status=self._status,
            request=bytes(self._request),
            response=bytes(self._response),
            response_size=self._size,
            gap=self._gap,
            fault=self.fault,
            injected=self.injected,
        )
