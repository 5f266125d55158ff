"""Runs each QFieldCloud job as a bare pod, over plain REST: no client library to update."""

import json
import logging
import os
import time
from pathlib import Path

import requests
from constance import config
from django.conf import settings
from django.utils import timezone
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.core.models import Job

log = logging.getLogger(__name__)
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
RETRIES = 2


class Api(requests.Session):
    def __init__(self):
        super().__init__()
        host = os.environ["KUBERNETES_SERVICE_HOST"]
        port = os.environ["KUBERNETES_SERVICE_PORT"]
        self.verify = str(ACCOUNT / "ca.crt")
        self.headers["Authorization"] = f"Bearer {(ACCOUNT / 'token').read_text()}"
        namespace = (ACCOUNT / "namespace").read_text()
        self.pods = f"https://{host}:{port}/api/v1/namespaces/{namespace}/pods"

    def call(self, method, path="", **kwargs):
        response = self.request(method, self.pods + path, timeout=10, **kwargs)
        response.raise_for_status()
        return response


class PackageJob:
    arguments = ("package", "id", "project_filename", "packaging_offliner")

    def __init__(self, job_id):
        self.row = Job.objects.get(id=job_id)
        self.api = Api()

    def run(self):
        row = self.row
        row.status = Job.Status.STARTED
        row.started_at = row.docker_started_at = timezone.now()
        row.save()
        for attempt in range(RETRIES + 1):
            name = f"qgis-{row.id}-{attempt}"
            row.container_id = name
            row.save()
            code, row.output = self.run_pod(name)
            if code == 0:
                break
        row.docker_finished_at = row.finished_at = timezone.now()
        row.feedback = {"container_exit_code": code}
        row.status = Job.Status.FINISHED if code == 0 else Job.Status.FAILED
        row.save()

    def run_pod(self, name):
        self.api.call("POST", json=self.manifest(name))
        state = {}
        while "terminated" not in state:
            time.sleep(0.3)
            pod = self.api.call("GET", f"/{name}").json()
            for status in pod["status"].get("containerStatuses", []):
                state = status["state"]
        output = self.api.call("GET", f"/{name}/log").text
        self.api.call("DELETE", f"/{name}")
        return state["terminated"]["exitCode"], output

    def manifest(self, name):
        row = self.row
        token = AuthToken.objects.create(
            user=row.created_by, client_type="worker", expires_at=timezone.now()
        )
        env = {
            "QFIELDCLOUD_TOKEN": token.key,
            "QFIELDCLOUD_URL": settings.QFIELDCLOUD_WORKER_QFIELDCLOUD_URL,
            "JOB_ID": str(row.id),
        }
        command = self.arguments[:1] + tuple(
            str(getattr(row.project, field)) for field in self.arguments[1:]
        )
        return {
            "metadata": {
                "name": name,
                "labels": {
                    "app": f"{settings.ENVIRONMENT}_worker",
                    "job_id": str(row.id),
                },
            },
            "spec": {
                "restartPolicy": "Never",
                "containers": [
                    {
                        "name": "qgis",
                        "image": settings.QFIELDCLOUD_QGIS_IMAGE_NAME,
                        "command": ["python3", "entrypoint.py", *command],
                        "env": [{"name": k, "value": v} for k, v in env.items()],
                        "resources": {
                            "limits": {
                                "memory": config.WORKER_QGIS_MEMORY_LIMIT.upper() + "i",
                                "cpu": f"{config.WORKER_QGIS_CPU_SHARES}m",
                            }
                        },
                    }
                ],
            },
        }


def cancel_orphaned_pods():
    api = Api()
    selector = {"labelSelector": f"app={settings.ENVIRONMENT}_worker"}
    for pod in api.call("GET", params=selector).json()["items"]:
        if not Job.objects.filter(id=pod["metadata"]["labels"]["job_id"]).exists():
            api.call("DELETE", f"/{pod['metadata']['name']}")
