"""Whether this installation can run jobs on Kubernetes: each check looks, or says no.

Nothing here writes into the database. The last of it runs one worker, with the very
code that runs jobs, under an ENVIRONMENT of its own, so that no sweep mistakes it for
an orphan.
"""

import dataclasses
import json
import os
import secrets
import shutil
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

from . import backends, failures, limits, ownership, units
from .failures import WorkerFailed
from .kube_client import KubeClient, KubeError
from .kubernetes_backend import KubernetesBackend
from .run_spec import GRIDS_TARGET, RunSpec, Worker
from .settings import WorkerSettings

START = "python3"
BROKEN_CLIENT = "36.0.0"
RIGHTS: tuple[tuple[str, str, str, str], ...] = (
    ("create", "batch", "jobs", "a Job is made for each QFieldCloud job"),
    ("get", "batch", "jobs", "a Job that an earlier try made is found again"),
    ("list", "batch", "jobs", "workers whose job row is gone are found"),
    ("delete", "batch", "jobs", "a worker is removed when its log has been read"),
    ("list", "", "pods", "a worker's pod is found again after a watch broke"),
    ("watch", "", "pods", "a worker's end is seen"),
    ("get", "", "pods/log", "a worker's log becomes the job's output"),
    ("create", "", "secrets", "a worker gets its token and the project's secrets"),
)
"""Verb, API group, resource, and what for; the last only without inline environment."""

WORKER = """
import json, os, sys, urllib.error, urllib.request
seen = {
    "secret": os.environ.get("CHECK_SECRET"),
    "token": os.path.exists("/var/run/secrets/kubernetes.io/serviceaccount/token"),
    "grids": os.path.isdir("/transformation_grids"),
    "question": "",
    "url": "",
}
if os.path.exists("/io/question"):
    seen["question"] = open("/io/question").read()
try:
    open("/transformation_grids/.qfieldcloud-check", "w").close()
    seen["grids_writable"] = True
except OSError:
    seen["grids_writable"] = False
try:
    urllib.request.urlopen(sys.argv[1] + "status/", timeout=10).close()
except urllib.error.HTTPError as error:
    seen["url"] = "" if error.code < 500 else str(error)
except Exception as error:
    seen["url"] = repr(error)
with open("/io/answer", "w") as file:
    json.dump(seen, file)
print("the worker's log")
"""


PATIENCE_S = 3
"""Who checks an installation is told at once that an API isn't there."""


class Wrong(AssertionError):
    """What is wrong with the installation, and what to do."""


class _Asking(KubeClient):
    """The wrapper's own access, and what the API says of it."""

    def may(self, verb: str, group: str, resource: str, namespace: str) -> bool:
        kind, _, sub = resource.partition("/")
        asked = {"namespace": namespace, "verb": verb, "group": group}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {
                "resourceAttributes": {**asked, "resource": kind, "subresource": sub}
            },
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        found = self._json("create selfsubjectaccessreviews", "POST", path, body=body)
        return found["status"]["allowed"] is True

    def user(self) -> str:
        group = "authentication.k8s.io"
        body = {"apiVersion": f"{group}/v1", "kind": "SelfSubjectReview"}
        path = f"/apis/{group}/v1/selfsubjectreviews"
        found = self._json("create selfsubjectreviews", "POST", path, body=body)
        return str(found["status"]["userInfo"]["username"])


class Installation:
    """What the checks look at; a worker is run once for all that ask for one."""

    def __init__(self) -> None:
        self._answer: dict[str, Any] | Wrong | None = None

    @property
    def settings(self) -> WorkerSettings:
        """As the wrapper reads them, but for Kubernetes whatever the backend is.

        :raises settings.WorkerSettingsError: with a line for each mistake
        """
        found = backends.worker_settings()
        api = dataclasses.replace(found.kubernetes.api, patience_s=PATIENCE_S)
        kubernetes = dataclasses.replace(found.kubernetes, api=api)
        return dataclasses.replace(found, backend="kubernetes", kubernetes=kubernetes)

    @property
    def client(self) -> _Asking:
        """The API; a few requests on a connection of their own."""
        return _Asking(self.settings.kubernetes)

    def check_packages(self) -> None:
        """The client libraries, in versions that work."""
        version = _version("kubernetes")
        if int(version.split(".")[0]) < 29 or version == BROKEN_CLIENT:
            raise Wrong(
                f"The package kubernetes is of version {version}. Install what "
                "requirements_k8s_wrapper.in asks for: 29 or newer, but not 36.0.0, "
                "which sends no credentials."
            )
        _version("docker")

    def check_settings(self) -> None:
        """All of them together."""
        if not self.settings.environment:
            raise Wrong("ENVIRONMENT is empty: workers are found by it.")

    def check_names(self) -> None:
        """What QFieldCloud's ``dequeue`` imports is this package's."""
        import worker_wrapper

        from . import factory, wrapper

        own = Path(__file__).parent
        found = Path(str(worker_wrapper.__file__)).parent
        if found != own:
            raise Wrong(f"worker_wrapper is imported from {found}, not from {own}.")
        if factory.cancel_orphaned_workers is not wrapper.cancel_orphaned_workers:
            raise Wrong(
                "factory and wrapper are of different versions: copy all files."
            )

    def check_limits(self) -> None:
        """The values of constance that each worker is given."""
        if wrong := limits.mistakes():
            raise Wrong("\n".join(wrong))

    def check_database(self) -> None:
        """The primary, and locks that last as long as their wrapper."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            if cursor.fetchone()[0]:
                raise Wrong("The database is a replica. Connect to the primary.")
        if self.settings.adopt and not ownership.is_usable():
            raise Wrong(ownership.POOLED)

    def check_account(self) -> None:
        """The API knows the wrapper, by the name that the settings say."""
        kubernetes = self.settings.kubernetes
        user = self.client.user()
        kind = "system:serviceaccount:"
        wanted = f"{kind}{kubernetes.namespace}:{kubernetes.service_account}"
        if user.startswith(kind) and user != wanted:
            raise Wrong(
                f"The wrapper has the credentials of {user}, but by "
                f"QFIELDCLOUD_K8S_NAMESPACE and QFIELDCLOUD_K8S_SERVICE_ACCOUNT it is "
                f"{wanted}. Set serviceAccountName of its pod, or the settings."
            )

    def check_rights(self) -> None:
        """Each right that jobs need, asked for one by one."""
        kubernetes, client = self.settings.kubernetes, self.client
        lacking = [
            f'apiGroups ["{group}"], resources ["{resource}"], verbs ["{verb}"]: {why}'
            for verb, group, resource, why in RIGHTS
            if not (kubernetes.inline_env and resource == "secrets")
            and not client.may(verb, group, resource, kubernetes.namespace)
        ]
        if lacking:
            raise Wrong(
                f"The Role of ServiceAccount {kubernetes.service_account} in namespace "
                f"{kubernetes.namespace} lacks rules:\n  " + "\n  ".join(lacking)
            )

    def check_claim(self) -> None:
        """The shared claim is mounted, and the wrapper writes and deletes there."""
        kubernetes = self.settings.kubernetes
        root = kubernetes.io_mount_path
        where = f"{root} (QFIELDCLOUD_K8S_IO_MOUNT_PATH)"
        if not root.is_dir():
            raise Wrong(f"{where} is not there: mount {kubernetes.io_claim} there.")
        try:
            directory = root / f".check-{uuid.uuid4()}"
            directory.mkdir()
            (directory / "file").write_text("written")
            shutil.rmtree(directory)
        except OSError as error:
            raise Wrong(
                f"{where} can't be written: {error}. Give the wrapper's pod an fsGroup "
                "or a runAsUser that may."
            ) from error
        room = shutil.disk_usage(root).free
        if room < 1024**3:
            raise Wrong(
                f"{where} has {room} bytes left: a project needs its size twice."
            )

    def check_worker_runs(self) -> None:
        """A worker's image is pulled, started, attended to, and its log read."""
        self._seen()

    def check_worker_shares_io(self) -> None:
        """What the wrapper writes into a job's directory the worker has as ``/io``."""
        if self._seen()["question"] != self._question:
            raise Wrong("The worker's /io is not the directory that was made for it.")

    def check_worker_environment(self) -> None:
        """The private environment arrives, and the ServiceAccount's token doesn't."""
        seen = self._seen()
        if seen["secret"] != self._question:
            raise Wrong("A secret variable did not reach the worker as it was.")
        if seen["token"]:
            raise Wrong(
                "The worker has a ServiceAccount's token. Something in the cluster "
                "mounts it, although automountServiceAccountToken is false."
            )

    def check_worker_grids(self) -> None:
        """The transformation grids are there, and the worker can't change them."""
        claim, seen = self.settings.kubernetes.grids_claim, self._seen()
        if claim and not seen["grids"]:
            raise Wrong(f"{claim} is not mounted at {GRIDS_TARGET} in the worker.")
        if claim and seen["grids_writable"]:
            raise Wrong(f"The worker can write into {GRIDS_TARGET}.")

    def check_worker_reaches_qfieldcloud(self) -> None:
        """From the worker's pod, at the address that it is given."""
        url, found = self.settings.api_url, self._seen()["url"]
        if found:
            raise Wrong(
                f"A worker can't reach QFieldCloud at {url}: {found}. Correct "
                "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL, DNS or NetworkPolicies."
            )

    def _seen(self) -> dict[str, Any]:
        if self._answer is None:
            self._question = secrets.token_hex(16)
            try:
                self._answer = self._run_worker()
            except Wrong as wrong:
                self._answer = wrong
            except (WorkerFailed, KubeError, ValueError) as error:
                self._answer = Wrong(f"No worker could be run. {_words(error)}")
        if isinstance(self._answer, Wrong):
            raise self._answer
        return self._answer

    def _run_worker(self) -> dict[str, Any]:
        from constance import config

        settings = self.settings
        backend = KubernetesBackend(settings)
        job_id = str(uuid.uuid4())
        directory = backend.make_io_directory(job_id)
        (directory / "question").write_text(self._question)
        spec = RunSpec(
            job_id=job_id,
            project_id=job_id,
            job_type="installation_check",
            environment=f"{settings.environment}-check",
            image=settings.image,
            args=(START, "-c", WORKER, settings.api_url),
            env={},
            secret_env={"CHECK_SECRET": self._question},
            io_directory=directory,
            memory_bytes=units.memory_bytes(config.WORKER_QGIS_MEMORY_LIMIT),
            cpu_shares=units.cpu_shares(config.WORKER_QGIS_CPU_SHARES),
            timeout_s=60,
        )
        made: list[Worker] = []
        try:
            worker = backend.start(spec, made.append)
            ended = backend.attend(worker, spec, lambda: True)
            if ended.failure is not None:
                raise WorkerFailed(ended.failure.kind, ended.failure.seen)
            if ended.exit_code != 0 or "the worker's log" not in ended.output:
                seen = f"exit code {ended.exit_code}, log: {ended.output[-2000:]}"
                raise WorkerFailed(failures.EXIT_CODE, seen)
            return _answer(directory)
        finally:
            for worker in made:
                backend.remove(worker)
            shutil.rmtree(directory)


def _answer(directory: Path) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads((directory / "answer").read_text())
    except (OSError, ValueError) as error:
        raise Wrong(
            "A worker ran, but what it wrote into /io is not where the wrapper looks: "
            f"{error}. QFIELDCLOUD_K8S_IO_PVC, …_IO_SUB_PATH and …_IO_MOUNT_PATH have "
            "to mean the same directory."
        ) from error
    return answer


def _words(error: Exception) -> str:
    if isinstance(error, WorkerFailed):
        return f"{error} {error.failure.kind.action}"
    return str(error)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        raise Wrong(
            f"The package {package} is not installed. Add "
            "requirements_k8s_wrapper.in to the app's requirements."
        ) from None


def prepare() -> None:
    """Django, as ``manage.py`` has it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfieldcloud.settings")
    django.setup()
