"""The kubelets: one for each Node object, each following the pods of its node."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.kubelet.node import Node
from harness.simulator.kube_api.kubelet.pod import PodWorker
from harness.simulator.kube_api.objects import Object, name_of, namespace_of, uid_of
from harness.simulator.kube_api.store import Change

_log = logging.getLogger(__name__)


class Kubelets:
    """All kubelets of a cluster; a new Node gets one."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._nodes: dict[str, Node] = {}
        self._workers: dict[str, PodWorker] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost = cluster.world.lost_nodes
        cluster.store.listen(self._notice)
        self._lost.listen(self._notice_node)

    async def stop(self) -> None:
        """Kill everything."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _notice(self, change: Change) -> None:
        if change.resource == "nodes" and change.new is not None:
            self._add_node(name_of(change.new))
        elif change.resource == "pods":
            self._notice_pod(change)

    def _add_node(self, name: str) -> None:
        if name not in self._nodes:
            node = self._nodes[name] = Node(self._cluster, name)
            self._spawn(node.rotate_logs())

    def _notice_node(self, name: str) -> None:
        """A node that is back hears all at once what it has missed."""
        if name in self._lost:
            return
        for uid, worker in list(self._workers.items()):
            if worker.node.name != name:
                continue
            pod = worker.obj
            now = self._cluster.store.get("pods", namespace_of(pod), name_of(pod))
            if now is None or uid_of(now) != uid:
                worker.vanish()
            else:
                worker.update(now)
                worker.changed()
        for pod in self._cluster.store.all("pods"):
            if pod["spec"].get("nodeName") == name and uid_of(pod) not in self._workers:
                self._begin(self._nodes[name], pod)

    def _notice_pod(self, change: Change) -> None:
        worker = self._workers.get(uid_of(change.last))
        if change.last["spec"].get("nodeName", "") in self._lost:
            return
        if worker is not None:
            if change.new is None:
                worker.vanish()
            else:
                worker.update(change.new)
            return
        node = self._nodes.get(change.last["spec"].get("nodeName", ""))
        if change.new is not None and node is not None:
            self._begin(node, change.new)

    def _begin(self, node: Node, pod: Object) -> None:
        worker = self._workers[uid_of(pod)] = PodWorker(node, pod)
        self._spawn(self._run(node, worker))

    async def _run(self, node: Node, worker: PodWorker) -> None:
        obj, uid = worker.obj, uid_of(worker.obj)
        try:
            await worker.run()
        except Exception as fault:
            _log.exception("pod %s", name_of(obj))
            node.report_gap(obj, f"the simulated kubelet failed: {fault!r}")
        finally:
            self._workers.pop(uid, None)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
