"""What passed through the tap: one record for each request."""

import itertools
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEEP_REQUEST = 256 * 1024
KEEP_RESPONSE = 32 * 1024
KEEP_LOG = 4 * 1024 * 1024

_API_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
_KUBE_PATH = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<sub>[^/]+))?)?$"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request and its answer."""

    at: datetime
    seconds: float
    method: str
    target: str
    """Path and query."""
    status: int
    """0 where the connection ended before an answer."""
    request: bytes = b""
    response: bytes = b""
    """The beginning of the body."""
    response_size: int = 0
    gap: bool = False
    """The simulator doesn't model this (501)."""
    fault: str = ""
    """What the harness did to it; "" for nothing."""
    injected: bool = False
    """The answer is the harness's: the backend was never asked, or not heard."""

    @property
    def path(self) -> str:
        """Without the query and Docker's API version."""
        return _API_VERSION.sub("", urlsplit(self.target).path)

    @property
    def is_log(self) -> bool:
        """Whether it asks for a worker's log."""
        return self.path.endswith(("/log", "/logs"))

    @property
    def is_whole(self) -> bool:
        """Whether all of the answer was kept."""
        return self.response_size == len(self.response)

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def message(self) -> str:
        """The API's own words of a refusal."""
        content = self.json()
        found = content.get("message") if isinstance(content, Mapping) else None
        return str(found or self.response[:500].decode(errors="replace"))

    def json(self) -> Any:
        """The answer, where it is JSON and was kept whole; else None."""
        try:
            return json.loads(self.response)
        except ValueError:
            return None

    @property
    def right(self) -> tuple[str, str, str] | None:
        """Verb, API group and resource, as RBAC names them; None for no resource."""
        match = _KUBE_PATH.match(self.path)
        if match is None:
            return None
        resource = match["resource"]
        if match["sub"]:
            resource = f"{resource}/{match['sub']}"
        return self._verb(match["name"]), match["group"] or "", resource

    @property
    def namespace(self) -> str:
        """Kubernetes' namespace; "" for none."""
        match = _KUBE_PATH.match(self.path)
        return (match["namespace"] or "") if match else ""

    @property
    def name(self) -> str:
        """Of the Kubernetes object that the path is about; "" for none."""
        match = _KUBE_PATH.match(self.path)
        return (match["name"] or "") if match else ""

    def _verb(self, name: str | None) -> str:
        if self.method == "GET":
            if self.query.get("watch", "").lower() in ("1", "true"):
                return "watch"
            return "get" if name else "list"
        if self.method == "DELETE" and not name:
            return "deletecollection"
        verbs = {
            "POST": "create",
            "PUT": "update",
            "PATCH": "patch",
            "DELETE": "delete",
        }
        return verbs.get(self.method, self.method.lower())


class Journal:
    """The calls of one subject, in the order of their beginning."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._calls: dict[int, Callable[[], Call]] = {}

    def begin(self, so_far: Callable[[], Call]) -> int:
        """Note a call that has begun; answers its number.

        :param so_far: what is known of it at any time: whoever has the answer may ask
            for the journal before the connection has come to rest
        """
        with self._lock:
            number = next(self._numbers)
            self._calls[number] = so_far
        return number

    def end(self, number: int, call: Call) -> None:
        """Note that a call has ended."""
        with self._lock:
            self._calls[number] = lambda: call

    def calls(self) -> list[Call]:
        """All calls so far."""
        with self._lock:
            return sorted((one() for one in self._calls.values()), key=lambda c: c.at)
