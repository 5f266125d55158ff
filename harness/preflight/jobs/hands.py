"""The real jobs' calls: as the wrapper's account, noted; what is made is remembered."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ..given import Given
from ..model import Evidence, Kind, Made
from ..reader import Reader
from . import objects
from .log import Log

POLL_S = 0.5
GONE_S = 60.0
MADE_IN_CORE = {"ConfigMap": "configmaps", "Secret": "secrets"}


class Hands:
    """Makes, reads and removes; every call is noted.

    :param account: the user to act as, as the wrapper's account does; "" for yourself
    """

    def __init__(self, reader: Reader, given: Given, account: str) -> None:
        self.reader = reader
        self.given = given
        self._account = account
        self.used: set[str] = set()
        """Rights that were used as the wrapper's account."""

    def path(self, plural: str, name: str = "", group: str = "") -> str:
        """Of an object, or a collection, in the namespace."""
        root = f"/apis/{group}/v1" if group else "/api/v1"
        path = f"{root}/namespaces/{quote(self.given.namespace)}/{plural}"
        return f"{path}/{name}" if name else path

    def call(
        self,
        right: str,
        name: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        keep: bool = True,
    ) -> Evidence:
        """A call as the wrapper's account; as yourself where that one may not."""
        kind = Kind.READ if method == "GET" else Kind.WRITE
        more: dict[str, Any] = {"body": body, "query": query, "kind": kind}
        if self._account:
            headers = {"Impersonate-User": self._account}
            one = self.reader.call(
                name, method, path, headers=headers, keep=keep, **more
            )
            if one.status != 403:
                if 200 <= one.status < 300:
                    self.used.add(right)
                return one
        return self.reader.call(name, method, path, keep=keep, **more)

    def read_log(self, name: str, pod: str, query: str, log: Log) -> Evidence:
        """A container's log, piece by piece; as the account, else as yourself.

        :param query: with the container's name
        """
        path = f"{self.path('pods', f'{pod}/log')}?{query}"
        accounts = [self._account, ""] if self._account else [""]
        for account in accounts:
            one = self.reader.stream(name, path, log.take, impersonate=account)
            if one.status == 200 and account:
                self.used.add("get pods/log")
            if one.status != 403:
                break
        return one

    def create_config_map(self) -> Evidence:
        """The program; as yourself."""
        body = objects.config_map(self.given)
        one = self.reader.call(
            "made:configmap", "POST", self.path("configmaps"), body=body
        )
        self.note("ConfigMap", one)
        return one

    def note(self, kind: str, one: Evidence) -> str:
        """Remember what was made; its UID, "" if nothing was."""
        if one.status not in (200, 201):
            return ""
        metadata = one.body["metadata"]
        made = Made(kind=kind, name=metadata["name"], uid=metadata["uid"], gone=False)
        self.reader.journal.made[made.uid] = made
        self.reader.journal.note("made", made)
        return made.uid

    def pause(self) -> None:
        """Between two looks at what changes by itself."""
        time.sleep(POLL_S)

    def until_gone(self, name: str = "") -> list[str]:
        """Wait until nothing of the run is there; what still is, if that is too long.

        :param name: only what is named so
        """
        deadline = time.monotonic() + GONE_S
        left = self.left(name)
        while left and time.monotonic() < deadline and not self.reader.unreachable:
            self.pause()
            left = self.left(name)
        return left

    def left(self, name: str = "") -> list[str]:
        """What of the run is there now; one line where that can't be seen."""
        found: list[str] = []
        query = {"labelSelector": f"{objects.RUN_LABEL}={self.given.run_id}"}
        for plural, group in (
            ("jobs", "batch"),
            ("pods", ""),
            ("secrets", ""),
            ("configmaps", ""),
        ):
            one = self.reader.names(
                f"left:{plural}", self.path(plural, group=group), query
            )
            if one.status != 200:
                return [f"{plural} can't be listed: {one.error}"]
            found += [
                f"{plural[:-1]}/{item['metadata']['name']}"
                for item in one.body["items"] or ()  # null, of metadata alone
                if item["metadata"]["name"].startswith(name)
            ]
        return found

    def clean_up(self) -> list[str]:
        """Delete all that was made; what is left of it."""
        journal = self.reader.journal
        for made in list(journal.made.values()):
            if made.gone:
                continue
            plural = MADE_IN_CORE.get(made.kind, "jobs")
            group = "" if made.kind in MADE_IN_CORE else "batch"
            self.reader.call(
                f"deleted:{made.name}",
                "DELETE",
                self.path(plural, made.name, group),
                body=objects.delete_options(made.uid),
            )
        left = self.until_gone()
        if not self.reader.unreachable:
            names = {one.partition("/")[2] for one in left}
            for uid, made in journal.made.items():
                journal.made[uid] = replace(made, gone=made.name not in names)
                journal.note("gone", journal.made[uid])
        return left
