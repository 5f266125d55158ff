"""The one place where the validation talks to the API server.

Every call becomes evidence, also one that is refused or gets no answer: nothing is
raised, for what can't be looked at is a finding.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import requests

from ..environment.kube_api import KubeAccess, KubeApi
from .journal import Journal
from .model import Evidence, Kind
from .secrets import without_secrets

CONNECT_S, READ_S = 5.0, 20.0
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""Lists of Secrets come without their values, which thus never reach this process."""
TRIES = 3
"""After so many failures in a row the server is taken for gone."""
KEPT_HEADERS = ("Date", "Warning", "Audit-Id", "Retry-After")


class _NotAsked(Exception):
    """The server is gone."""


class Reader:
    """One API server, as one user.

    :param agent: the user agent, by which the calls are found in an audit log
    """

    def __init__(self, access: KubeAccess, journal: Journal, agent: str) -> None:
        self.access = access
        self.journal = journal
        self.agent = agent
        self._api = KubeApi(access)
        self._session = self._new_session()
        self._failed = 0
        self.unreachable = ""
        """Why the server can't be reached any more; then it is not asked again."""

    def _new_session(self) -> requests.Session:
        session = self._api.new_session()
        session.headers["User-Agent"] = self.agent
        return session

    def get(
        self, name: str, path: str, query: Mapping[str, str] | None = None
    ) -> Evidence:
        """Read something."""
        return self.call(name, "GET", path, query=query)

    def metadata(self, name: str, path: str) -> Evidence:
        """List objects without their content."""
        return self.call(name, "GET", path, headers={"Accept": METADATA})

    def names(self, name: str, path: str, query: Mapping[str, str]) -> Evidence:
        """List objects without their content, again and again: no evidence."""
        accept = {"Accept": METADATA}
        return self.call(name, "GET", path, query=query, headers=accept, keep=False)

    def stream(
        self,
        name: str,
        path: str,
        take: Callable[[bytes], None],
        *,
        impersonate: str = "",
    ) -> Evidence:
        """Read a long text in pieces; the text itself is no evidence."""
        headers = {"Impersonate-User": impersonate} if impersonate else {}
        began, clock = datetime.now(timezone.utc), time.monotonic()
        status, error = 0, ""
        try:
            with self._session.get(
                f"{self.access.url}{path}",
                headers=headers,
                stream=True,
                timeout=(CONNECT_S, READ_S),
            ) as response:
                status = response.status_code
                if status >= 300:
                    error = _words(_content(response))
                else:
                    for chunk in response.iter_content(65536):
                        take(chunk)
        except (requests.RequestException, OSError) as failure:
            error = said(failure)
        one = Evidence(
            id=name,
            call=f"GET {path}",
            at=stamp(began),
            seconds=round(time.monotonic() - clock, 3),
            status=status,
            error=error,
        )
        self.journal.saw(one)
        return one

    def review(
        self, name: str, path: str, body: Any, *, impersonate: str = ""
    ) -> Evidence:
        """Ask whether something is allowed; nothing is stored."""
        headers = {"Impersonate-User": impersonate} if impersonate else {}
        return self.call(
            name, "POST", path, body=body, headers=headers, kind=Kind.REVIEW
        )

    def dry_run(self, name: str, path: str, body: Any) -> Evidence:
        """Have an object admitted, and not stored."""
        query = {"dryRun": "All", "fieldValidation": "Strict"}
        return self.call(name, "POST", path, body=body, query=query, kind=Kind.DRY_RUN)

    def call(
        self,
        name: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        kind: Kind | None = None,
        keep: bool = True,
    ) -> Evidence:
        """One call.

        :param keep: whether the answer is evidence; a poll's is not
        """
        kind = kind or (Kind.READ if method == "GET" else Kind.WRITE)
        shown = requests.Request(
            method, f"https://x{path}", params=dict(query or {})
        ).prepare()
        began, clock = datetime.now(timezone.utc), time.monotonic()
        status, answer, kept, error = 0, None, {}, ""
        try:
            if self.unreachable:
                raise _NotAsked(self.unreachable)
            response = self._session.request(
                method,
                f"{self.access.url}{path}",
                json=body,
                params=query,
                headers=headers,
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
            )
            status = response.status_code
            kept = {
                key: response.headers[key]
                for key in KEPT_HEADERS
                if key in response.headers
            }
            answer = _content(response)
            if status >= 300:
                error = _words(answer) or f"{status} {response.reason}"
            self._failed = 0
        except _NotAsked as failure:
            error = f"not asked any more: {failure}"
        except requests.RequestException as failure:
            error = said(failure)
            self._failed += 1
            if self._failed >= TRIES:
                self.unreachable = error
        one = Evidence(
            id=name,
            call=f"{method} {shown.path_url}",
            at=stamp(began),
            seconds=round(time.monotonic() - clock, 3),
            status=status,
            kind=kind,
            body=without_secrets(answer),
            headers=kept,
            error=error,
        )
        if keep:
            self.journal.saw(one)
        else:
            self.journal.called(one)
        return one


def stamp(moment: datetime) -> str:
    """A time as it stands in the model."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _content(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text[:2000]


def _words(answer: Any) -> str:
    if isinstance(answer, dict):
        return str(answer.get("message") or "")
    return str(answer or "")[:500]


def said(failure: BaseException) -> str:
    """The innermost words of an exception of a client, without its wrappings."""
    seen = failure
    while True:
        inner = seen.__cause__ or seen.__context__
        reason = getattr(seen, "reason", None)
        if isinstance(reason, BaseException):
            inner = reason
        nested = [one for one in seen.args if isinstance(one, BaseException)]
        if nested:
            inner = nested[0]
        if inner is None or inner is seen:
            return f"{type(seen).__name__}: {seen}"
        seen = inner
