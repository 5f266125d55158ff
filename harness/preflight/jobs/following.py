"""One real job: created, followed, its log read, deleted, and seen to be gone."""

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..model import Evidence, Moment, RealJob, Status
from ..reader import stamp
from . import objects, pod_seen
from .hands import Hands
from .log import Log
from .objects import Trial
from .plan import waits_s

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


def run(hands: Hands, trial: Trial) -> RealJob:
    """One job to its end; what was seen is evidence ``job:<name>``."""
    return _Following(hands, trial).run()


class _Following:
    """One job under way.

    ``seen`` is what will be its evidence: ``uid``, ``status`` and ``error`` of the
    request that made it, what `pod_seen` notes of its pod, ``events``, ``log``,
    ``timeline``, and what was ``left``.
    """

    def __init__(self, hands: Hands, trial: Trial) -> None:
        self._hands = hands
        self._trial = trial
        self._name = objects.job_name(hands.given, trial)
        self._pods = {"labelSelector": f"batch.kubernetes.io/job-name={self._name}"}
        self._log = Log(objects.LOG_BYTES * 2)
        self._is_followed = False
        self._began = datetime.now(timezone.utc)
        self._clock = time.monotonic()
        self._seen: dict[str, Any] = {"trial": trial.name, "timeline": []}

    def run(self) -> RealJob:
        """From its creation to its end; noted whatever happens meanwhile."""
        seen = self._seen
        try:
            self._live()
        finally:
            seen["log"] = self._log.as_json()
            one = Evidence(
                id=f"job:{self._trial.name}",
                call=f"the real job {self._name}",
                at=stamp(self._began),
                seconds=self._at_s(),
                status=200 if "uid" in seen else int(seen.get("status", 0)),
                body=seen,
                error=str(seen.get("error", "")),
            )
            self._hands.reader.journal.saw(one)
        return record(self._trial, one)

    def _at_s(self) -> float:
        return round(time.monotonic() - self._clock, 3)

    def _mark(self, lane: str, what: str, detail: str = "") -> None:
        moment = {"at_s": self._at_s(), "lane": lane, "what": what, "detail": detail}
        timeline = self._seen["timeline"]
        last = [one for one in timeline if one["lane"] == lane][-1:]
        if not last or (last[0]["what"], last[0]["detail"]) != (what, detail):
            timeline.append(moment)

    def _get(self, what: str, plural: str, query: Mapping[str, str]) -> Evidence:
        """A read that may come often, and isn't kept."""
        return self._hands.call(
            f"{'watch' if 'watch' in query else 'list'} {plural}",
            f"{what}:{self._trial.name}",
            "GET",
            self._hands.path(plural),
            query=query,
            keep=False,
        )

    def _live(self) -> None:
        uid = self._create()
        if not uid:
            return
        try:
            self._create_secret(uid)
            self._follow()
            if self._seen.get("state") in ("running", "terminated"):
                self._read_log_after()
        finally:
            self._delete(uid)

    def _create(self) -> str:
        hands, seen = self._hands, self._seen
        created = hands.call(
            "create jobs.batch",
            f"made:job {self._trial.name}",
            "POST",
            hands.path("jobs", group="batch"),
            body=objects.job(hands.given, self._trial),
        )
        seen["status"] = created.status
        uid = hands.note("Job", created)
        if uid:
            seen["uid"] = uid
            self._mark("job", "created")
        else:
            seen["error"] = created.error
            self._mark("job", "refused", created.error)
        return uid

    def _create_secret(self, owner_uid: str) -> None:
        hands = self._hands
        secret = objects.secret(hands.given, self._trial, owner_uid)
        if secret is None:
            return
        made = hands.call(
            "create secrets",
            f"made:secret {self._trial.name}",
            "POST",
            hands.path("secrets"),
            body=secret,
        )
        hands.note("Secret", made)
        self._seen["secret"] = made.status

    def _follow(self) -> None:
        """Until the worker has ended, or can't be expected to any more."""
        patience = self._trial.deadline_s + waits_s(self._hands.given)
        deadline = time.monotonic() + patience
        stuck: float | None = None
        while time.monotonic() < deadline and not self._hands.reader.unreachable:
            if self._look_at_pod():
                if self._seen.get("ended"):
                    break
                if self._log_is_to_be_followed():
                    self._read_log(self._log, follow=True)
                    self._mark("api", "log followed", f"{self._log.size} bytes")
                    continue
                stuck = self._stuck(stuck)
                if stuck is not None and time.monotonic() >= stuck:
                    break
            elif self._is_refused():
                break
            self._hands.pause()
        else:
            self._seen["gave_up_s"] = patience
        self._read_events()
        for event in self._seen["events"]:
            self._mark("event", event["reason"], event["message"])
        # of a second: whether the account may, and the way lets it through
        self._get(
            "watch", "pods", {**self._pods, "watch": "true", "timeoutSeconds": "1"}
        )

    def _look_at_pod(self) -> bool:
        """Whether there is one; what it tells is noted."""
        one = self._get("poll", "pods", self._pods)
        pods = one.body["items"] if one.status == 200 else []
        if not pods:
            return False
        seen = self._seen
        pod_seen.note(max(pods, key=lambda p: p["metadata"]["creationTimestamp"]), seen)
        self._mark(
            "pod", seen["phase"], seen.get("waiting") or seen.get("reason") or ""
        )
        return True

    def _log_is_to_be_followed(self) -> bool:
        """Once, as a wrapper does: what a kubelet rotates away is read before."""
        if self._is_followed or not self._trial.follow:
            return False
        self._is_followed = self._seen.get("state") == "running"
        return self._is_followed

    def _stuck(self, since: float | None) -> float | None:
        """When to give up on a worker that doesn't start; None while it may."""
        reason = str(self._seen.get("waiting") or "").partition(":")[0]
        if reason not in (*FATAL, *PULL):
            return None
        if since is not None:
            return since
        return time.monotonic() + (0.0 if reason in FATAL else PULL_S)

    def _is_refused(self) -> bool:
        """Whether the Job says that it can't make its pod."""
        self._read_events()
        return any(one["reason"] == "FailedCreate" for one in self._seen["events"])

    def _read_events(self) -> None:
        found = []
        for uid in filter(None, (self._seen.get("uid"), self._seen.get("pod_uid"))):
            query = {"fieldSelector": f"involvedObject.uid={uid}"}
            one = self._get("events", "events", query)
            if one.status == 200:
                found += [
                    {key: event.get(key, "") for key in ("type", "reason", "message")}
                    for event in one.body["items"]
                ]
        self._seen["events"] = found

    def _read_log_after(self) -> None:
        """The log of an ended pod; of one that was followed only what is left of it."""
        seen = self._seen
        followed = seen.get("log_status") == 200
        log = Log(objects.LOG_BYTES * 2) if followed else self._log
        self._read_log(log)
        if followed:
            left = log.as_json()
            kept = ("bytes", "first", "last", "gaps", "facts")
            seen["log_after"] = {key: left[key] for key in kept}
        self._mark("api", "log read", f"{log.size} bytes")

    def _read_log(self, log: Log, *, follow: bool = False) -> None:
        seen = self._seen
        query = f"container={seen['container']}" + "&follow=true" * follow
        one = self._hands.read_log(f"log:{self._trial.name}", seen["pod"], query, log)
        seen["log_status"], seen["log_error"] = one.status, one.error

    def _delete(self, uid: str) -> None:
        """Delete the Job, and wait until its pod and Secret are gone too."""
        hands, name = self._hands, self._name
        hands.call(
            "delete jobs.batch",
            f"deleted:{name}",
            "DELETE",
            hands.path("jobs", name, "batch"),
            body=objects.delete_options(uid),
        )
        began = time.monotonic()
        left = hands.until_gone(name)
        self._seen["left"] = left
        self._seen["gone_s"] = round(time.monotonic() - began, 2)
        self._mark("job", "deleted", ", ".join(left))


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
