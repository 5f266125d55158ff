"""Runs one real job: create, follow, read its log, delete, see it gone."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from ..given import Given
from ..model import Evidence, Kind, Made, Moment, RealJob, Status
from ..reader import Reader, stamp
from . import objects, pod_seen
from .log import Log
from .objects import Trial

POLL_S = 0.5
GONE_S = 60.0
FATAL = (
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerError",
    "RunContainerError",
)
"""Waiting reasons that do not pass."""
PULL = ("ErrImagePull", "ImagePullBackOff")
PULL_S = 60.0
"""A registry may be busy; so long it is tried again."""


class Follower:
    """The real jobs' hands: every call is noted, and what is made is remembered.

    :param account: the user to act as, as the wrapper's account does; "" for yourself
    """

    def __init__(self, reader: Reader, given: Given, account: str) -> None:
        self._reader = reader
        self._given = given
        self._account = account
        self.used: set[str] = set()
        """Rights that were used as the wrapper's account."""

    def _path(self, plural: str, name: str = "", group: str = "") -> str:
        root = f"/apis/{group}/v1" if group else "/api/v1"
        path = f"{root}/namespaces/{quote(self._given.namespace)}/{plural}"
        return f"{path}/{name}" if name else path

    def _call(
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
            one = self._reader.call(
                name, method, path, headers=headers, keep=keep, **more
            )
            if one.status != 403:
                if 200 <= one.status < 300:
                    self.used.add(right)
                return one
        return self._reader.call(name, method, path, keep=keep, **more)

    def create_config_map(self) -> Evidence:
        """The program; as yourself."""
        body = objects.config_map(self._given)
        one = self._reader.call(
            "made:configmap", "POST", self._path("configmaps"), body=body
        )
        self._note("ConfigMap", one)
        return one

    def _note(self, kind: str, one: Evidence) -> str:
        """Remember what was made; its UID."""
        if one.status not in (200, 201):
            return ""
        metadata = one.body["metadata"]
        made = Made(kind=kind, name=metadata["name"], uid=metadata["uid"], gone=False)
        self._reader.journal.made[made.uid] = made
        self._reader.journal.note("made", made)
        return made.uid

    def run(self, trial: Trial) -> RealJob:
        """One job to its end; what was seen is evidence ``job:<name>``."""
        began, clock = datetime.now(timezone.utc), time.monotonic()
        seen: dict[str, Any] = {"trial": trial.name, "timeline": []}
        log = Log(objects.LOG_BYTES * 2)

        def mark(lane: str, what: str, detail: str = "") -> None:
            at = round(time.monotonic() - clock, 3)
            moment = {"at_s": at, "lane": lane, "what": what, "detail": detail}
            last = [one for one in seen["timeline"] if one["lane"] == lane][-1:]
            if not last or (last[0]["what"], last[0]["detail"]) != (what, detail):
                seen["timeline"].append(moment)

        try:
            self._through(trial, seen, log, mark)
        finally:
            seen["log"] = log.as_json()
            one = Evidence(
                id=f"job:{trial.name}",
                call=f"the real job {objects.job_name(self._given, trial)}",
                at=stamp(began),
                seconds=round(time.monotonic() - clock, 3),
                status=200 if "uid" in seen else int(seen.get("status", 0)),
                body=seen,
                error=str(seen.get("error", "")),
            )
            self._reader.journal.saw(one)
        return record(trial, one)

    def _through(
        self,
        trial: Trial,
        seen: dict[str, Any],
        log: Log,
        mark: Callable[..., None],
    ) -> None:
        name = objects.job_name(self._given, trial)
        created = self._call(
            "create jobs.batch",
            f"made:job {trial.name}",
            "POST",
            self._path("jobs", group="batch"),
            body=objects.job(self._given, trial),
        )
        seen["status"] = created.status
        uid = self._note("Job", created)
        if not uid:
            seen["error"] = created.error
            mark("job", "refused", created.error)
            return
        seen["uid"] = uid
        mark("job", "created")
        try:
            secret = objects.secret(self._given, trial, uid)
            if secret is not None:
                made = self._call(
                    "create secrets",
                    f"made:secret {trial.name}",
                    "POST",
                    self._path("secrets"),
                    body=secret,
                )
                self._note("Secret", made)
                seen["secret"] = made.status
            self._follow(trial, name, seen, log, mark)
            if seen.get("state") in ("running", "terminated"):
                self._read_log_after(trial, seen, log, mark)
        finally:
            self.delete(name, uid, seen, mark)

    def _read_log_after(
        self,
        trial: Trial,
        seen: dict[str, Any],
        log: Log,
        mark: Callable[..., None],
    ) -> None:
        """The log of an ended pod; of one that was followed only what is left of it."""
        again = Log(objects.LOG_BYTES * 2)
        followed = seen.get("log_status") == 200
        self._read_log(trial, seen, again if followed else log)
        if followed:
            left = again.as_json()
            kept = ("bytes", "first", "last", "gaps", "facts")
            seen["log_after"] = {key: left[key] for key in kept}
        mark("api", "log read", f"{(again if followed else log).size} bytes")

    def _follow(
        self,
        trial: Trial,
        name: str,
        seen: dict[str, Any],
        log: Log,
        mark: Callable[..., None],
    ) -> None:
        from .plan import waits_s

        patience = trial.deadline_s + waits_s(self._given)
        deadline = time.monotonic() + patience
        stuck: float | None = None
        query = {"labelSelector": f"batch.kubernetes.io/job-name={name}"}
        while time.monotonic() < deadline and not self._reader.unreachable:
            one = self._call(
                "list pods",
                f"poll:{trial.name}",
                "GET",
                self._path("pods"),
                query=query,
                keep=False,
            )
            pods = one.body["items"] if one.status == 200 else []
            if pods:
                pod = max(pods, key=lambda p: p["metadata"]["creationTimestamp"])
                pod_seen.note(pod, seen)
                words = seen.get("waiting") or seen.get("reason") or ""
                mark("pod", seen["phase"], words)
                if seen.get("ended"):
                    break
                if trial.follow and seen.get("state") == "running":
                    # as a wrapper does: what a kubelet rotates away is read before
                    self._read_log(trial, seen, log, follow=True)
                    mark("api", "log followed", f"{log.size} bytes")
                    trial = replace(trial, follow=False)
                    continue
                reason = str(seen.get("waiting") or "").partition(":")[0]
                patience_s = 0.0 if reason in FATAL else PULL_S
                if reason not in (*FATAL, *PULL):
                    stuck = None
                elif stuck is None:
                    stuck = time.monotonic() + patience_s
                if stuck is not None and time.monotonic() >= stuck:
                    break
            elif self._job_refused(trial, seen):
                break
            time.sleep(POLL_S)
        else:
            seen["gave_up_s"] = patience
        self._read_events(trial, seen, mark)
        self._watch(trial, query)

    def _job_refused(self, trial: Trial, seen: dict[str, Any]) -> bool:
        """Whether the Job says that it can't make its pod."""
        self._read_events(trial, seen, lambda *_: None)
        refused = [one for one in seen["events"] if one["reason"] == "FailedCreate"]
        return len(refused) > 0

    def _read_events(
        self, trial: Trial, seen: dict[str, Any], mark: Callable[..., None]
    ) -> None:
        found = []
        for uid in filter(None, (seen.get("uid"), seen.get("pod_uid"))):
            one = self._call(
                "list events",
                f"events:{trial.name}",
                "GET",
                self._path("events"),
                query={"fieldSelector": f"involvedObject.uid={uid}"},
                keep=False,
            )
            if one.status == 200:
                found += [
                    {
                        "type": event.get("type", ""),
                        "reason": event.get("reason", ""),
                        "message": event.get("message", ""),
                    }
                    for event in one.body["items"]
                ]
        seen["events"] = found
        for event in found:
            mark("event", event["reason"], event["message"])

    def _watch(self, trial: Trial, query: Mapping[str, str]) -> None:
        """A watch of a second: whether the account may, and the way lets it through."""
        self._call(
            "watch pods",
            f"watch:{trial.name}",
            "GET",
            self._path("pods"),
            query={**query, "watch": "true", "timeoutSeconds": "1"},
            keep=False,
        )

    def _read_log(
        self, trial: Trial, seen: dict[str, Any], log: Log, *, follow: bool = False
    ) -> None:
        path = self._path("pods", f"{seen['pod']}/log")
        path += f"?container={seen['container']}" + "&follow=true" * follow
        accounts = [self._account, ""] if self._account else [""]
        for account in accounts:
            one = self._reader.stream(
                f"log:{trial.name}", path, log.take, impersonate=account
            )
            seen["log_status"], seen["log_error"] = one.status, one.error
            if one.status == 200 and account:
                self.used.add("get pods/log")
            if one.status != 403:
                break

    def delete(
        self, name: str, uid: str, seen: dict[str, Any], mark: Callable[..., None]
    ) -> None:
        """Delete a Job, and wait until its pod and Secret are gone too."""
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": uid},
        }
        path = self._path("jobs", name, "batch")
        self._call("delete jobs.batch", f"deleted:{name}", "DELETE", path, body=body)
        began = time.monotonic()
        left = [""]
        while time.monotonic() < began + GONE_S and not self._reader.unreachable:
            left = self.left(name)
            if not left:
                break
            time.sleep(POLL_S)
        seen["left"] = left
        seen["gone_s"] = round(time.monotonic() - began, 2)
        mark("job", "deleted", ", ".join(left))

    def left(self, name: str = "") -> list[str]:
        """What of the run is still there; "" stands for what can't be seen."""
        found: list[str] = []
        query = {"labelSelector": f"{objects.RUN_LABEL}={self._given.run_id}"}
        for plural, group in (
            ("jobs", "batch"),
            ("pods", ""),
            ("secrets", ""),
            ("configmaps", ""),
        ):
            one = self._reader.names(
                f"left:{plural}", self._path(plural, group=group), query
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
        journal = self._reader.journal
        core = {"ConfigMap": "configmaps", "Secret": "secrets"}
        for made in list(journal.made.values()):
            if made.gone:
                continue
            plural = core.get(made.kind, "jobs")
            path = self._path(plural, made.name, "" if made.kind in core else "batch")
            body = {
                "propagationPolicy": "Background",
                "preconditions": {"uid": made.uid},
            }
            self._reader.call(f"deleted:{made.name}", "DELETE", path, body=body)
        deadline = time.monotonic() + GONE_S
        left = self.left()
        while left and time.monotonic() < deadline and not self._reader.unreachable:
            time.sleep(POLL_S)
            left = self.left()
        if not self._reader.unreachable:
            names = {one.partition("/")[2] for one in left}
            for uid, made in journal.made.items():
                gone = Made(
                    kind=made.kind, name=made.name, uid=uid, gone=made.name not in names
                )
                journal.made[uid] = gone
                journal.note("gone", gone)
        return left


def record(trial: Trial, one: Evidence) -> RealJob:
    """What the report shows of a job; `judging` sets its status."""
    seen = one.body
    log = seen.get("log") or {}
    facts = {
        key: str(seen[key])
        for key in ("phase", "exit_code", "terminated_reason", "node", "image_id")
        if seen.get(key) not in (None, "")
    }
    failure = "" if "uid" in seen else f"setup: {one.error}"
    return RealJob(
        name=trial.name,
        purpose=trial.purpose,
        status=Status.PASS if seen.get("ended") else Status.FAIL,
        started=one.at,
        duration_s=one.seconds,
        timeline=tuple(Moment(**moment) for moment in seen["timeline"]),
        log=log.get("head", "") + log.get("tail", ""),
        log_cut=int(log.get("cut", 0)),
        failure=failure,
        kubernetes=facts,
    )
