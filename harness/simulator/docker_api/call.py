"""A request as handlers see it, and the forms of their answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from harness.simulator.docker_api import go_json
from harness.simulator.docker_api.engine import Engine
from harness.simulator.docker_api.errors import ApiError, InvalidError

_BUFFER = 2048  # what Go's server holds back: beyond it the length isn't known


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the engine."""

    engine: Engine
    request: web.Request
    match: Mapping[str, str]
    """What the route's pattern found in the path."""

    @property
    def name(self) -> str:
        """The object's name or id in the path."""
        return self.match["name"]

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters; the first of several of one name."""
        return self.request.query

    async def body(self, *, required: bool = False) -> Any:
        """The JSON body; None where there is none. Raises ApiError as the engine."""
        raw = await self.request.read()
        kind = self.request.headers.get("Content-Type", "")
        if not kind and not raw and not required:
            return None
        if (kind or raw) and kind.partition(";")[0].strip() != "application/json":
            raise InvalidError(
                f"Content-Type specified ({kind}) must be 'application/json'"
            )
        try:
            return go_json.decode(raw.decode("utf-8", "replace"), stream=True)
        except go_json.GoJsonError as error:
            raise ApiError(str(error)) from error


def answer(value: Any, status: int = 200) -> web.Response:
    """JSON on one line."""
    body = go_json.encode(value)
    response = web.Response(body=body, status=status, content_type="application/json")
    if len(body) > _BUFFER:
        response.enable_chunked_encoding()
    return response


def nothing(status: int = 204) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status)


def text(body: str, status: int = 200) -> web.Response:
    """Plain text."""
    response = web.Response(body=body.encode(), status=status)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response


async def stream(call: Call, content_type: str | None) -> web.StreamResponse:
    """An answer in pieces whose head is sent now."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    if content_type is not None:
        response.content_type = content_type
    await response.prepare(call.request)
    return response
