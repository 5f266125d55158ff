"""The course of a validation: its steps, and the state that they leave."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

from ..environment import manifests
from ..environment.kubeconfig_access import Names, access_of, names_of
from ..errors import EnvironmentMissing, UsageError
from ..subject.locate import Subject, locate
from . import collect, judging, untouched, values, waivers
from .checks.cluster import user_of
from .facts import Facts
from .given import Asked, Given
from .jobs import following, objects
from .jobs import plan as planning
from .jobs.hands import Hands
from .journal import Journal
from .model import Plan, RealJob, Result, Scope, Status, Waiver
from .reader import Reader, stamp
from .rendering import Rendered, render
from .untouched import Seen

NOT_ASKED = "not asked for: --yes runs them, --plan says what they would do"
SETUP = ("QFV-101", "QFV-102", "QFV-103")
Say = Callable[[str], None]


@dataclass
class Course:
    """One validation. Its steps are called in order by `flow`; each leaves a state."""

    asked: Asked
    journal: Journal
    say: Say
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    began: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    names: Names | None = None
    subject: Subject | None = None
    given: Given | None = None
    reader: Reader | None = None
    waivers: tuple[Waiver, ...] = ()
    plan: Plan | None = None
    jobs: list[RealJob] = field(default_factory=list)
    jobs_skipped: str = NOT_ASKED
    used: set[str] = field(default_factory=set)
    more: list[Result] = field(default_factory=list)
    """Results that no judge gives: whole jobs."""
    before: Seen | None = None
    after: Seen = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    own_namespace: str = ""
    ended: str = ""
    interrupted: bool = False

    def prepare(self) -> None:
        """Read what is here: files, kubeconfig, the wrapper's own manifests.

        :raises UsageError: one of them is wrong
        """
        asked = self.asked
        run = {"run_id": self.run_id, "started": stamp(self.began)}
        self.journal.note("run", run)
        if asked.waivers is not None:
            self.waivers = waivers.read(asked.waivers)
        found = None if asked.values is None else values.read(asked.values)
        try:
            self.names = names_of(asked.kubeconfig, asked.context)
            access = access_of(asked.kubeconfig, asked.context)
        except EnvironmentMissing as error:
            raise UsageError(error.message, error.hint) from error
        self.subject = locate(asked.subject, asked.profile)
        namespace = asked.namespace or self.names.namespace
        if asked.create_namespace:
            namespace = asked.namespace or f"qfc-validate-{self.run_id}"
        if not namespace:
            raise UsageError(
                "No namespace is named.",
                "Name the one that the wrapper will use: --namespace NAME.",
            )
        settings = dict(found or {})
        settings.setdefault("QFIELDCLOUD_K8S_NAMESPACE", namespace)
        settings.setdefault("QFIELDCLOUD_WORKER_BACKEND", "kubernetes")
        rendered = render(
            self.subject,
            settings if found is None else found,
            job_id=str(uuid.uuid4()),
        )
        self.given = Given(
            run_id=self.run_id,
            namespace=namespace,
            rendered=rendered,
            service_account=asked.service_account
            or str(rendered.kubernetes.get("service_account") or "qfieldcloud-worker"),
            values=found,
            replicas=asked.replicas,
            real_jobs=asked.yes or bool(asked.yes_plan),
            claims=_claims(rendered),
            client_version=metadata.version("kubernetes"),
            harness_version=metadata.version("qfieldcloud-worker-harness"),
        )
        self.reader = Reader(access, self.journal, self.agent)
        self.journal.note("scope", self.scope())

    @property
    def agent(self) -> str:
        """The user agent of every call."""
        version = metadata.version("qfieldcloud-worker-harness")
        return f"qfc-harness-validate/{version} (run {self.run_id})"

    def look(self) -> None:
        """The read-only phase, and the plan that follows from it."""
        assert self.given is not None
        assert self.reader is not None
        self.journal.enter("read-only")
        collect.collect(self.reader, self.given)
        version = self.journal.evidence["version"]
        if not version.status:
            names = self.names
            raise Ended(
                f"the API server {self.reader.access.url} (context "
                f"{names.context if names else ''} of {self.asked.kubeconfig}, user "
                f"{names.user if names else ''}) can't be reached: {version.error}"
            )
        if self.reader.unreachable:
            at = datetime.now(timezone.utc).strftime("%H:%M:%S")
            raise Ended(
                f"the API server stopped answering at {at} UTC: "
                f"{self.reader.unreachable}"
            )
        if self.given.rendered.job:
            self.plan = planning.plan(self.given)
            self.journal.note("planned", self.plan)
        for one in judging.judge(self.facts(), jobs_skipped=self.jobs_skipped):
            if (
                one.status is not Status.SKIPPED
            ):  # what it says if it is killed in a job
                self.journal.note("result", one)

    def unusable(self) -> str:
        """Why no job can be run there at all; "" if it may be tried."""
        for one in judging.judge(self.facts(), jobs_skipped=self.jobs_skipped):
            if one.check in SETUP and one.status is Status.FAIL:
                return f"{one.title}: {one.seen}"
        return ""

    def run_jobs(self) -> None:
        """The real jobs; whatever happens, what was made is removed."""
        assert self.given is not None
        assert self.reader is not None
        reader, given = self.reader, self.given
        self.journal.enter("real jobs")
        self.jobs_skipped = ""
        self.before = untouched.foreign(self.journal.evidence, self.run_id)
        asked_as = self.journal.evidence.get("wrapper:create jobs.batch")
        impersonates = (
            asked_as is not None
            and asked_as.status < 300
            and "local" not in asked_as.call
        )
        account = given.account_user if impersonates else ""
        hands = Hands(reader, given, account)
        try:
            made = hands.create_config_map()
            if made.status not in (200, 201):
                raise Ended(
                    "the real jobs could not be set up: ConfigMap: "
                    f"{made.status}: {made.error}"
                )
            for trial in objects.trials(given):
                self.say(f"real job {trial.name}: {trial.purpose}")
                job = following.run(hands, trial)
                self.jobs.append(job)
                self.journal.note("job", job)
                if trial.name == "look" and not job.timeline[-1:]:
                    break
                if trial.name == "look" and "pod" not in _seen(self.journal, "look"):
                    break  # the others would wait as long for nothing
                if reader.unreachable:
                    raise Ended(
                        "the API server stopped answering in the real job "
                        f"{trial.name}: {reader.unreachable}"
                    )
        finally:
            self.used = hands.used
            self.left = hands.clean_up()
            self._look_again()

    def _look_again(self) -> None:
        assert self.given is not None
        assert self.reader is not None
        path = f"/api/v1/namespaces/{self.given.namespace}"
        batch = f"/apis/batch/v1/namespaces/{self.given.namespace}"
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.given.namespace}"
        for plural in untouched.PLURALS:
            root = {"jobs": batch, "roles": rbac, "rolebindings": rbac}
            where = f"{root.get(plural, path)}/{plural}"
            self.reader.metadata(f"after:{plural}", where)
        evidence = self.journal.evidence
        self.after = untouched.foreign(evidence, self.run_id, "after:")

    def removed(self, namespace: str) -> None:
        """Note that a namespace of its own is deleted."""
        for uid, made in self.journal.made.items():
            if made.name == namespace:
                self.journal.made[uid] = replace(made, gone=True)
                self.journal.note("gone", self.journal.made[uid])

    def scope(self) -> Scope:
        """What was asked for, as far as it is known."""
        asked, given, names = self.asked, self.given, self.names
        user = user_of(self.facts()) if given else ""
        return Scope(
            command=asked.command,
            kubeconfig=str(asked.kubeconfig),
            context=names.context if names else asked.context,
            server=self.reader.access.url if self.reader else "",
            namespace=given.namespace if given else asked.namespace,
            user=user or (names.user if names else ""),
            subject=asked.subject,
            service_account=given.service_account if given else asked.service_account,
            replicas=asked.replicas,
            real_jobs=not self.jobs_skipped,
            require_proof=asked.require_proof,
        )

    def facts(self) -> Facts:
        """All that was seen so far."""
        given = self.given or Given(
            run_id=self.run_id,
            namespace=self.asked.namespace,
            rendered=Rendered(error=self.ended),
        )
        return Facts(given=given, evidence=self.journal.evidence)


class Ended(Exception):
    """It can't go on; the report says why."""


def _seen(journal: Journal, name: str) -> dict[str, object]:
    one = journal.evidence.get(f"job:{name}")
    found: dict[str, object] = one.body if one else {}
    return found


def _claims(rendered: Rendered) -> tuple[Mapping[str, Any], ...]:
    """The claims of the shipped manifests that the settings name."""
    kubernetes = rendered.kubernetes
    wanted = {kubernetes.get("io_claim"), kubernetes.get("grids_claim")}
    return tuple(
        one
        for one in manifests.of_kind(manifests.base(), "PersistentVolumeClaim")
        if one["metadata"]["name"] in wanted
    )
