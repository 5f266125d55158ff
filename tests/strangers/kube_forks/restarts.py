"""Fork that has the kubelet restart a worker that failed."""

from .ancestor import *
from .ancestor import PackageJobRun as _Package
from .ancestor import config, watch


class PackageJobRun(_Package):
    def job_spec(self):
        return {"backoffLimit": 6}

    def restart_policy(self):
        return "OnFailure"

    def wait(self):
        stream = watch.Watch().stream(
            self.core.list_namespaced_pod,
            self.namespace,
            label_selector=f"job-name={self.job_name}",
            timeout_seconds=config.WORKER_TIMEOUT_S,
        )
        for event in stream:
            pod = event["object"]
            for container in pod.status.container_statuses or []:
                if container.state.terminated and (
                    container.restart_count >= 2
                    or container.state.terminated.exit_code == 0
                ):
                    return pod
        return None
