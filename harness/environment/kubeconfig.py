"""Any cluster, and one namespace of it, with an operator's rights there and no more.

App, database and wrapper run in the namespace, under names of the run's own; what was
there before is left alone, and the namespace is left as it was.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import EnvironmentMissing, UsageError
from ..scenario.cells import Cell
from ..scenario.schema import Backend
from ..settings import Settings
from ..standin.database import Database
from ..standin.forkserver import ForkServer
from ..standin.run_directory import RunDirectory
from ..tap.tap import Tap
from . import manifests
from .capabilities import KUBECONFIG
from .in_cluster import InCluster
from .kube_api import KubeApi, KubeRefused
from .kube_observer import KubeObserver
from .kube_place import KubeRun
from .kubeconfig_access import access_of
from .place import INVALID_IMAGE, Place
from .pod_objects import RUN_LABEL
from .pod_place import open_pod_place

NAME = "kubeconfig"
MANAGED_BY = "app.kubernetes.io/managed-by"
WRAPPER = "qfieldcloud-worker-wrapper"
NEEDED = (
    ("create", "", "pods"),
    ("delete", "", "pods"),
    ("watch", "", "pods"),
    ("get", "", "pods/log"),
    ("get", "", "pods/proxy"),
    ("create", "", "pods/proxy"),
    ("update", "", "pods/proxy"),
    ("create", "", "secrets"),
    ("delete", "", "secrets"),
    ("list", "", "events"),
    ("create", "", "serviceaccounts"),
    ("create", "", "persistentvolumeclaims"),
    ("delete", "", "persistentvolumeclaims"),
    ("create", "batch", "jobs"),
    ("delete", "batch", "jobs"),
    ("list", "batch", "jobs"),
    ("create", "rbac.authorization.k8s.io", "roles"),
    ("update", "rbac.authorization.k8s.io", "roles"),
    ("create", "rbac.authorization.k8s.io", "rolebindings"),
)
"""What the harness itself has to be allowed; ClusterRole ``admin`` has all of it."""


class KubeconfigEnvironment:
    """One namespace for a run; one cell after the other."""

    name = NAME
    proof = "real"
    backends: frozenset[Backend] = frozenset({"kubernetes"})

    def __init__(
        self, settings: Settings, run: RunDirectory, _forks: ForkServer, tap: Tap
    ) -> None:
        wrong = missing(settings)
        if wrong:
            raise EnvironmentMissing(f"--environment {NAME}: {wrong}.", HINT)
        namespace = settings.namespace
        api = KubeApi(access_of(Path(settings.kubeconfig), settings.context))
        self._images = {
            "probe": settings.probe_image,
            "job": settings.worker_image,
            "missing": "registry.invalid/qfc-harness/missing:1",
            "denied": "registry.invalid/qfc-harness/denied:1",
            "invalid": INVALID_IMAGE,
        }
        self._numbers = itertools.count(1)
        with ExitStack() as stack:
            version = _checked(api, namespace)
            run.outlives(
                NAME,
                kubeconfig=str(Path(settings.kubeconfig).absolute()),
                context=settings.context,
                server=api.access.url,
                namespace=namespace,
            )
            self._pods = InCluster(
                api,
                tap,
                run_id=run.run_id,
                image=settings.app_image,
                namespace=namespace,
            )
            stack.callback(self._pods.close)
            self._pods.wait_until_ready()
            observer = KubeObserver(api, namespace)
            stack.callback(observer.close)
            self._end = stack.pop_all()
        self._run = KubeRun(
            run_id=run.run_id,
            api=api,
            observer=observer,
            tap=tap,
            images=self._images,
            kill_pod=_kill_pod,
        )
        self.capabilities = replace(
            KUBECONFIG,
            job_image=bool(settings.worker_image),
            probe_image=bool(settings.probe_image),
        )
        self.description = {
            "kubernetes": version,
            "server": api.access.url,
            "namespace": namespace,
            "app image": settings.app_image,
        }
        self.note = ""

    def use(self, _database: Database) -> None:
        """The databases of the cells are in the cluster."""

    @contextmanager
    def open(self, cell: Cell, _directory: Path) -> Iterator[Place]:
        """A place for this cell, with a database and a stand-in of its own."""
        number = next(self._numbers)
        with open_pod_place(self._run, self._pods, cell, number) as place:
            yield place

    def lost(self) -> str:
        """What goes away there is an error of the cell."""
        return ""

    def node_logs(self, since: datetime) -> Mapping[str, str]:
        """An operator of a namespace sees none."""
        del since
        return {}

    def close(self) -> None:
        """Remove all that was made, and wait until it is gone."""
        self._end.close()


def _kill_pod(_namespace: str, _pod: str) -> None:
    raise NotImplementedError("scenarios that need the node are skipped")


HINT = (
    "Name a namespace in which no QFieldCloud runs, and push images that the cluster "
    "can pull: docker build -f fixtures/qfieldcloud_app/Dockerfile . for --app-image, "
    "docker build fixtures/probe for --probe-image."
)


def missing(settings: Settings) -> str:
    """What hasn't been said; "" if all has."""
    options = {"--namespace": settings.namespace, "--app-image": settings.app_image}
    names = [option for option, value in options.items() if not value]
    verb = "is" if len(names) == 1 else "are"
    return f"{' and '.join(names)} {verb} not given" if names else ""


def plan(settings: Settings) -> list[str]:
    """What a run will make there, in words, before it does.

    :raises UsageError: it can't be said, for something is missing
    """
    wrong = missing(settings)
    if wrong:
        raise UsageError(f"--environment {NAME}: {wrong}.", HINT)
    access = access_of(Path(settings.kubeconfig), settings.context)
    base = manifests.base()
    names = [
        f"{kind} {one['metadata']['name']}-<run>"
        for kind in ("ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim")
        for one in manifests.of_kind(base, kind)
    ]
    return [
        f"In the namespace {settings.namespace} of {access.url} this run makes, each "
        f"with the label {RUN_LABEL}, and removes at its end:",
        f"  for the run: Pod qfc-harness-app-<run> ({settings.app_image}, PostgreSQL "
        "and stand-in), Secret qfc-harness-tap-<run>, " + ", ".join(names),
        "  for each scenario, one after the other: Pod qfc-harness-wrapper-<run>-<n> "
        f"({settings.app_image}), Secret qfieldcloud-env-<run>, two suspended Jobs, "
        "and what the wrapper makes: a Job, its Secret and pod",
    ]


def _checked(api: KubeApi, namespace: str) -> str:
    """The server's version, if the namespace can be used.

    :raises EnvironmentMissing: it is not there, not ours to use, or in use
    """
    version = str(api.call("GET", "/version")["gitVersion"])
    lacking = [
        f"{verb} {resource}"
        for verb, group, resource in NEEDED
        if not _may(api, namespace, verb, group, resource)
    ]
    if lacking:
        raise EnvironmentMissing(
            f"In the namespace {namespace} you may not: {', '.join(lacking)}.",
            "Have the ClusterRole admin bound to you there: kubectl create rolebinding "
            f"qfc-harness --clusterrole=admin --user=YOU -n {namespace}",
        )
    try:
        jobs = api.list("Job", namespace)
    except KubeRefused as error:
        raise EnvironmentMissing(f"{namespace}: {error}") from error
    foreign = foreign_workers(jobs)
    if foreign:
        raise EnvironmentMissing(
            f"The namespace {namespace} has workers that aren't this run's: "
            f"{', '.join(foreign[:5])}{' …' if len(foreign) > 5 else ''}.",
            "Name a namespace in which no QFieldCloud runs, and no other run of the "
            "harness.",
        )
    return version


def _may(api: KubeApi, namespace: str, verb: str, group: str, resource: str) -> bool:
    plural, _, sub = resource.partition("/")
    attributes = {
        "namespace": namespace,
        "verb": verb,
        "group": group,
        "resource": plural,
        "subresource": sub,
    }
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    return bool(api.call("POST", path, body)["status"]["allowed"])


def foreign_workers(jobs: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of Jobs that a wrapper, or another run, has made.

    >>> foreign_workers([{"metadata": {"name": "a", "labels": {"app": "prod_worker"}}}])
    ['a']
    """
    found = []
    for job in jobs:
        labels = job["metadata"].get("labels") or {}
        if (
            labels.get(MANAGED_BY) == WRAPPER
            or str(labels.get("app", "")).endswith("worker")
            or RUN_LABEL in labels
        ):
            found.append(str(job["metadata"]["name"]))
    return found
