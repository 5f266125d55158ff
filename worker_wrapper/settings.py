"""The wrapper's settings: read once, validated as a whole, then frozen.

Each comes from Django's settings or, where QFieldCloud's settings module doesn't know
it, from the environment variable of the same name.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from . import api_settings, setting_names, units
from . import setting_values as values
from .api_settings import ApiSettings

T = TypeVar("T")

_PULL_POLICIES = {name.lower(): name for name in ("Always", "IfNotPresent", "Never")}
BACKENDS = {"docker": "docker", "kubernetes": "kubernetes", "k8s": "kubernetes"}
_BACKEND = values.one_of(BACKENDS)


class WorkerSettingsError(ImproperlyConfigured):
    """One or more settings are wrong; the message has a line for each."""


@dataclass(frozen=True)
class DockerSettings:
    """What only the Docker backend needs."""

    network: str
    grids_volume: str
    debug_mounts: Mapping[str, str] = field(default_factory=dict)
    """Directories of the engine's host by their path in the worker; for development."""
    api: ApiSettings = field(default_factory=ApiSettings)


@dataclass(frozen=True)
class KubernetesSettings:
    """What only the Kubernetes backend needs."""

    namespace: str = "default"
    service_account: str = "qfieldcloud-worker"
    """The wrapper's own account: named in messages about missing rights."""
    worker_service_account: str = ""
    io_claim: str = "qfieldcloud-worker-io"
    io_mount_path: Path = Path("/qfieldcloud-io")
    """Where the wrapper itself sees ``io_claim``."""
    io_sub_path: str = ""
    """The directory of ``io_claim`` that is mounted there; "": its root."""
    grids_claim: str = "transformation-grids"
    inline_env: bool = False
    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: tuple[str, ...] = ()
    run_as_user: int | None = None
    run_as_group: int | None = None
    fs_group: int | None = None
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, Any], ...] = ()
    affinity: Mapping[str, Any] = field(default_factory=dict)
    priority_class: str = ""
    runtime_class: str = ""
    extra_labels: Mapping[str, str] = field(default_factory=dict)
    extra_annotations: Mapping[str, str] = field(default_factory=dict)
    cpu_request: str = ""
    cpu_limit: str = ""
    memory_request: str = ""
    ttl_s: int = 3600
    schedule_timeout_s: int = 300
    start_timeout_s: int = 300
    node_lost_s: int = 60
    kubeconfig: str = ""
    context: str = ""
    api: ApiSettings = field(default_factory=ApiSettings)


@dataclass(frozen=True)
class WorkerSettings:
    """All settings of the wrapper that don't change while it runs."""

    backend: str
    environment: str
    image: str
    api_url: str
    tmp_directory: Path
    log_keep_bytes: int
    """How much of the head, and of the tail, of a longer log is kept; bytes each."""
    adopt: bool
    """Whether jobs of wrappers that crashed are taken over."""
    picked_grace_s: int
    """How long a job may be picked and not started until its wrapper is given up."""
    former_backend: str
    """Where jobs of before a change of the backend may still run; "" for nowhere."""
    hand_over_s: int | None
    """After SIGTERM, how long the job in hand may go on; None: to its end."""
    delta_command: str
    debug_port: int | None
    docker: DockerSettings
    kubernetes: KubernetesSettings


class _Reader:
    """Reads settings one by one and collects what is wrong with them."""

    def __init__(self, django: Any, environ: Mapping[str, str]) -> None:
        self._django = django
        self._environ = environ
        self.mistakes: list[str] = []
        self.names: set[str] = set()

    def raw(self, name: str) -> Any:
        self.names.add(name)
        value = getattr(self._django, name, None)
        return self._environ.get(name) if value is None else value

    def get(self, name: str, default: T, convert: Callable[[Any], T]) -> T:
        value = self.raw(name)
        if value is None or value == "":
            return default
        try:
            return convert(value)
        except (TypeError, ValueError) as error:
            self.mistakes.append(f"{name}: {error}")
            return default

    def text(self, name: str, default: str = "") -> str:
        return self.get(name, default, str)

    def check_names(self) -> None:
        """Settings that nobody asked for are most likely misspelt."""
        seen = {*dir(self._django), *self._environ}
        self.mistakes += setting_names.mistakes(seen, self.names)


def _docker(read: _Reader, api: ApiSettings) -> DockerSettings:
    debug = {
        "/libqfieldsync": read.text("QFIELDCLOUD_LIBQFIELDSYNC_VOLUME_PATH")
        or read.text("DEBUG_QGIS_LIBQFIELDSYNC_HOST_PATH"),
        "/qfieldcloud-sdk-python": read.text("QFIELDCLOUD_QFIELDCLOUD_SDK_VOLUME_PATH")
        or read.text("DEBUG_QGIS_QFIELDCLOUD_SDK_HOST_PATH"),
    }
    return DockerSettings(
        network=read.text("QFIELDCLOUD_DEFAULT_NETWORK"),
        grids_volume=read.text("QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME"),
        debug_mounts={target: host for target, host in debug.items() if host},
        api=api,
    )


def _kubernetes(read: _Reader, api: ApiSettings) -> KubernetesSettings:
    def name(suffix: str) -> str:
        return f"QFIELDCLOUD_K8S_{suffix}"

    default = KubernetesSettings()

    def named(suffix: str, default: str = "") -> str:
        return read.get(name(suffix), default, values.object_name)

    grids = read.raw(name("TRANSFORMATION_GRIDS_PVC"))
    return KubernetesSettings(
        namespace=read.get(name("NAMESPACE"), default.namespace, values.namespace_name),
        service_account=named("SERVICE_ACCOUNT", default.service_account),
        worker_service_account=named("WORKER_SERVICE_ACCOUNT"),
        io_claim=named("IO_PVC", default.io_claim),
        io_mount_path=read.get(
            name("IO_MOUNT_PATH"), default.io_mount_path, values.absolute
        ),
        io_sub_path=read.get(name("IO_SUB_PATH"), "", values.sub_path),
        grids_claim=named(
            "TRANSFORMATION_GRIDS_PVC", default.grids_claim if grids is None else ""
        ),
        inline_env=read.get(name("INLINE_ENV"), default.inline_env, values.boolean),
        image_pull_policy=read.get(
            name("IMAGE_PULL_POLICY"),
            default.image_pull_policy,
            values.one_of(_PULL_POLICIES),
        ),
        image_pull_secrets=read.get(
            name("IMAGE_PULL_SECRETS"), (), values.object_names
        ),
        run_as_user=read.get(name("RUN_AS_USER"), None, values.identifier),
        run_as_group=read.get(name("RUN_AS_GROUP"), None, values.identifier),
        fs_group=read.get(name("FS_GROUP"), None, values.identifier),
        node_selector=read.get(name("NODE_SELECTOR"), {}, values.labels),
        tolerations=read.get(name("TOLERATIONS"), (), values.tolerations),
        affinity=read.get(name("AFFINITY"), {}, values.affinity),
        priority_class=named("PRIORITY_CLASS"),
        runtime_class=named("RUNTIME_CLASS"),
        extra_labels=read.get(name("EXTRA_LABELS"), {}, values.extra_labels),
        extra_annotations=read.get(name("EXTRA_ANNOTATIONS"), {}, values.texts),
        cpu_request=read.get(name("CPU_REQUEST"), "", units.cpu_quantity),
        cpu_limit=read.get(name("CPU_LIMIT"), "", units.cpu_quantity),
        memory_request=read.get(name("MEMORY_REQUEST"), "", units.kubernetes_memory),
        ttl_s=read.get(name("TTL_S"), default.ttl_s, values.whole(60)),
        schedule_timeout_s=read.get(
            name("SCHEDULE_TIMEOUT_S"), default.schedule_timeout_s, values.whole(1)
        ),
        start_timeout_s=read.get(
            name("START_TIMEOUT_S"), default.start_timeout_s, values.whole(1)
        ),
        node_lost_s=read.get(name("NODE_LOST_S"), default.node_lost_s, values.whole(0)),
        kubeconfig=read.get(
            name("KUBECONFIG"), "", lambda value: str(values.absolute(value))
        ),
        context=read.text(name("CONTEXT")),
        api=api,
    )


def _contradictions(found: KubernetesSettings) -> list[str]:
    """What is right by itself, but not together."""
    lines = []
    request, limit = found.cpu_request, found.cpu_limit
    if request and limit and units.milli_cpu(request) > units.milli_cpu(limit):
        lines.append(
            f"QFIELDCLOUD_K8S_CPU_REQUEST: {request} is more than "
            f"QFIELDCLOUD_K8S_CPU_LIMIT, {limit}. Write {limit} or less."
        )
    if found.worker_service_account == found.service_account:
        lines.append(
            f"QFIELDCLOUD_K8S_WORKER_SERVICE_ACCOUNT: {found.service_account} is the "
            "wrapper's own account, whose rights no worker needs. Write the name of "
            "one without any, for example qfieldcloud-worker-pod."
        )
    return lines


def load(django: Any, environ: Mapping[str, str] | None = None) -> WorkerSettings:
    """The settings of this process.

    :param django: ``django.conf.settings``
    :raises WorkerSettingsError: with a line for each setting that is wrong
    """
    read = _Reader(django, os.environ if environ is None else environ)
    debugging = bool(read.raw("DEBUG"))
    api = api_settings.read(read.get)
    settings = WorkerSettings(
        backend=read.get("QFIELDCLOUD_WORKER_BACKEND", "docker", _BACKEND),
        environment=read.text("ENVIRONMENT", "qfieldcloud"),
        image=read.text("QFIELDCLOUD_QGIS_IMAGE_NAME"),
        api_url=read.text("QFIELDCLOUD_WORKER_QFIELDCLOUD_URL"),
        tmp_directory=read.get(
            "QFIELDCLOUD_WORKER_TMP_DIRECTORY",
            Path("/tmp"),  # noqa: S108 (QFieldCloud's own place)
            values.absolute,
        ),
        log_keep_bytes=read.get(
            "QFIELDCLOUD_WORKER_LOG_KEEP_BYTES", 1024**2, values.whole(1024)
        ),
        adopt=read.get("QFIELDCLOUD_WORKER_ADOPT", True, values.boolean),
        picked_grace_s=read.get(
            "QFIELDCLOUD_WORKER_PICKED_GRACE_S", 60, values.whole(1)
        ),
        former_backend=read.get("QFIELDCLOUD_WORKER_FORMER_BACKEND", "", _BACKEND),
        hand_over_s=read.get("QFIELDCLOUD_WORKER_HAND_OVER_S", None, values.seconds),
        delta_command=read.text("QFIELDCLOUD_WORKER_DELTA_COMMAND"),
        debug_port=read.get("DEBUG_QGIS_DEBUGPY_PORT", None, values.port)
        if debugging
        else None,
        docker=_docker(read, api),
        kubernetes=_kubernetes(read, api),
    )
    if not settings.image:
        read.mistakes.append(
            "QFIELDCLOUD_QGIS_IMAGE_NAME: not set. Name the image of the QGIS worker."
        )
    if not settings.api_url.endswith("/api/v1/"):
        read.mistakes.append(
            f"QFIELDCLOUD_WORKER_QFIELDCLOUD_URL: {settings.api_url!r} does not end in "
            "/api/v1/. Write the address at which workers reach QFieldCloud, for "
            "example http://app:8000/api/v1/"
        )
    read.mistakes += _contradictions(settings.kubernetes)
    read.check_names()
    if read.mistakes:
        raise WorkerSettingsError(
            "The worker wrapper's settings are wrong:\n  " + "\n  ".join(read.mistakes)
        )
    return settings
