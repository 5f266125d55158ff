"""Everything that works on a cluster by itself: controllers, scheduler, kubelets."""

import asyncio
from pathlib import Path
from typing import Any

from harness.simulator.kube_api import bootstrap
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.garbage_collector import GarbageCollector
from harness.simulator.kube_api.controllers.jobs import JobController
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.controllers.namespaces import NamespaceController
from harness.simulator.kube_api.controllers.node_lifecycle import NodeLifecycle
from harness.simulator.kube_api.controllers.quotas import QuotaController
from harness.simulator.kube_api.controllers.taint_eviction import TaintEviction
from harness.simulator.kube_api.controllers.ttl import TtlController
from harness.simulator.kube_api.controllers.volume_binder import VolumeBinder
from harness.simulator.kube_api.kubelet.kubelet import Kubelets
from harness.simulator.kube_api.scheduler.scheduler import Scheduler


class Controllers:
    """The parts of one cluster that run, from the first request to the end.

    They start with the first request because only then the certificate that pods
    are given, and the port that they are told, exist.
    """

    def __init__(self, cluster: Cluster, *, ca_file: Path) -> None:
        self._cluster = cluster
        self._kubelets = Kubelets(cluster)
        self._loops: tuple[Loop[Any], ...] = (
            *JobController(cluster).loops,
            TtlController(cluster).loop,
            GarbageCollector(cluster).loop,
            NamespaceController(cluster, ca_file).loop,
            QuotaController(cluster).loop,
            NodeLifecycle(cluster).loop,
            TaintEviction(cluster).loop,
            *VolumeBinder(cluster).loops,
            Scheduler(cluster).loop,
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Fill the cluster and let everybody work; nothing when they do already."""
        if self._tasks:
            return
        self._tasks = [asyncio.create_task(loop.run()) for loop in self._loops]
        bootstrap.fill(self._cluster)

    async def stop(self) -> None:
        """Let nobody work any more; kill what runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._kubelets.stop()
