"""Fork that asks the Job's status, with a right that no Role of ours gives."""

import time

from .ancestor import *
from .ancestor import PackageJobRun as _Package
from .ancestor import config


class PackageJobRun(_Package):
    def wait(self):
        until = time.time() + config.WORKER_TIMEOUT_S
        while time.time() < until:
            time.sleep(2)
            job = self.batch.read_namespaced_job_status(self.job_name, self.namespace)
            if job.status.succeeded or job.status.failed:
                selector = f"job-name={self.job_name}"
                pods = self.core.list_namespaced_pod(
                    self.namespace, label_selector=selector
                )
                return pods.items[0]
        return None
