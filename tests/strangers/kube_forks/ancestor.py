"""The ancestor of several public forks: Jobs as dictionaries, the end by a watch.

Written for one server with one node and an NFS share, extended by whoever forked it.
"""

import json
import logging
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from constance import config
from django.conf import settings
from django.utils import timezone
from kubernetes import client, watch
from kubernetes import config as kubernetes_config
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.core.models import (
    ApplyJob,
    Job,
    PackageJob,
    ProcessProjectfileJob,
    Secret,
)

logger = logging.getLogger(__name__)


def connect():
    try:
        kubernetes_config.load_incluster_config()
    except kubernetes_config.ConfigException:
        kubernetes_config.load_kube_config()
    return client.BatchV1Api(), client.CoreV1Api()


class JobRun:
    job_class = Job
    command: list[str] = []

    def __init__(self, job_id: str | UUID):
        self.job_id = str(job_id)
        self.job = self.job_class.objects.select_related("project").get(pk=job_id)
        self.batch, self.core = connect()
        self.namespace = settings.QFIELDCLOUD_K8S_NAMESPACE
        self.job_name = f"qgis-{self.job_id}"
        self.shared_tempdir = self.make_shared_directory()

    # what forks change

    def make_shared_directory(self) -> Path:
        directory = Path(settings.QFIELDCLOUD_K8S_IO_MOUNT_PATH) / self.job_id
        directory.mkdir()
        return directory

    def io_volume(self) -> dict:
        claim = {"claimName": settings.QFIELDCLOUD_K8S_IO_PVC}
        return {"name": "io", "persistentVolumeClaim": claim}

    def io_mount(self) -> dict:
        return {"name": "io", "mountPath": "/io", "subPath": self.job_id}

    def labels(self) -> dict:
        return {
            "app": f"{settings.ENVIRONMENT}_worker",
            "type": self.job.type,
            "job_id": self.job_id,
            "project_id": str(self.job.project_id),
        }

    def secret_reference(self, name: str) -> dict:
        return {"secretKeyRef": {"name": self.job_name, "key": name}}

    def job_spec(self) -> dict:
        return {"backoffLimit": 0}

    def restart_policy(self) -> str:
        return "Never"

    # the rest

    def environment(self) -> tuple[dict, dict]:
        token = AuthToken.objects.create(
            user=self.job.created_by,
            client_type=AuthToken.ClientType.WORKER,
            expires_at=timezone.now() + timedelta(seconds=config.WORKER_TIMEOUT_S),
        )
        secrets = {"QFIELDCLOUD_TOKEN": token.key}
        services, names = [], []
        for secret in self.job.project.secrets.all():
            if secret.type == Secret.Type.PGSERVICE:
                services.append(secret.value)
            else:
                secrets[secret.name] = secret.value
                names.append(secret.name)
        secrets["PGSERVICE_FILE_CONTENTS"] = "\n".join(services)
        plain = {
            "QFIELDCLOUD_EXTRA_ENVVARS": json.dumps(names),
            "QFIELDCLOUD_URL": settings.QFIELDCLOUD_WORKER_QFIELDCLOUD_URL,
            "JOB_ID": self.job_id,
            "PROJ_DOWNLOAD_DIR": "/transformation_grids",
            "QT_QPA_PLATFORM": "offscreen",
        }
        return plain, secrets

    def manifest(self, plain: dict, secrets: dict) -> dict:
        memory = config.WORKER_QGIS_MEMORY_LIMIT.replace("m", "Mi").replace("g", "Gi")
        cpu = f"{config.WORKER_QGIS_CPU_SHARES * 1000 // 1024}m"
        env = [{"name": key, "value": value} for key, value in plain.items()]
        env += [
            {"name": key, "valueFrom": self.secret_reference(key)} for key in secrets
        ]
        project = self.job.project
        values = {
            "id": project.id,
            "file": project.project_filename,
            "offliner": project.packaging_offliner,
        }
        args = [part % values for part in self.command]
        pod = {
            "restartPolicy": self.restart_policy(),
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "qgis",
                    "image": settings.QFIELDCLOUD_QGIS_IMAGE_NAME,
                    "args": ["python3", "entrypoint.py", *args],
                    "env": env,
                    "resources": {
                        "limits": {"memory": memory},
                        "requests": {"memory": memory, "cpu": cpu},
                    },
                    "volumeMounts": [
                        self.io_mount(),
                        {
                            "name": "grids",
                            "mountPath": "/transformation_grids",
                            "readOnly": True,
                        },
                    ],
                }
            ],
            "volumes": [
                self.io_volume(),
                {
                    "name": "grids",
                    "persistentVolumeClaim": {
                        "claimName": settings.QFIELDCLOUD_K8S_TRANSFORMATION_GRIDS_PVC,
                        "readOnly": True,
                    },
                },
            ],
        }
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": self.job_name, "labels": self.labels()},
            "spec": {
                **self.job_spec(),
                "template": {"metadata": {"labels": self.labels()}, "spec": pod},
            },
        }

    def before_docker_run(self): ...

    def after_docker_run(self): ...

    def after_docker_exception(self): ...

    def run(self):
        job = self.job
        job.status, job.started_at = Job.Status.STARTED, timezone.now()
        job.save(update_fields=["status", "started_at"])
        feedback = {}
        try:
            self.before_docker_run()
            exit_code = self.run_worker()
            try:
                feedback = json.loads(
                    (self.shared_tempdir / "feedback.json").read_text()
                )
                if "error" in feedback:
                    feedback["error_origin"] = "container"
            except (OSError, ValueError) as error:
                feedback = {"error": str(error), "error_origin": "worker_wrapper"}
            feedback["container_exit_code"] = exit_code
            job.feedback = feedback
            job.save(update_fields=["feedback"])
            if exit_code != 0 or "error" in feedback:
                self.after_docker_exception()
                job.status = Job.Status.FAILED
            else:
                job.project.refresh_from_db()
                self.after_docker_run()
                job.status = Job.Status.FINISHED
        except Exception as error:
            logger.exception("job %s failed", self.job_id)
            job.status = Job.Status.FAILED
            job.feedback = {
                "container_exit_code": None,
                **feedback,
                "error": str(error),
                "error_origin": "worker_wrapper",
            }
        job.finished_at = timezone.now()
        job.save()
        shutil.rmtree(self.shared_tempdir, ignore_errors=True)

    def run_worker(self) -> int:
        plain, secrets = self.environment()
        self.job.docker_started_at = timezone.now()
        made = self.batch.create_namespaced_job(
            self.namespace, self.manifest(plain, secrets)
        )
        self.job.container_id = made.metadata.uid
        self.job.save(update_fields=["container_id", "docker_started_at"])
        self.create_secret(secrets, made)
        pod = self.wait()
        self.finish(pod)
        self.job.docker_finished_at = timezone.now()
        self.job.save(update_fields=["output", "docker_finished_at"])
        if pod is None:
            return -1
        return pod.status.container_statuses[0].state.terminated.exit_code

    def create_secret(self, secrets: dict, owner) -> None:
        reference = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "name": owner.metadata.name,
            "uid": owner.metadata.uid,
        }
        self.core.create_namespaced_secret(
            self.namespace,
            {
                "metadata": {"name": self.job_name, "ownerReferences": [reference]},
                "stringData": secrets,
            },
        )

    def wait(self):
        stream = watch.Watch().stream(
            self.core.list_namespaced_pod,
            self.namespace,
            label_selector=f"job-name={self.job_name}",
            timeout_seconds=config.WORKER_TIMEOUT_S,
        )
        for event in stream:
            if event["object"].status.phase in ("Succeeded", "Failed"):
                return event["object"]
        return None

    def finish(self, pod) -> None:
        if pod is None:
            self.job.output = f"timeout after {config.WORKER_TIMEOUT_S} seconds"
        else:
            self.job.output = self.core.read_namespaced_pod_log(
                pod.metadata.name, self.namespace
            )
        self.delete()

    def delete(self) -> None:
        self.batch.delete_namespaced_job(
            self.job_name, self.namespace, propagation_policy="Background"
        )


class PackageJobRun(JobRun):
    job_class = PackageJob
    command = ["package", "%(id)s", "%(file)s", "%(offliner)s"]

    def after_docker_run(self):
        project = self.job.project
        project.last_package_job = self.job
        project.data_last_packaged_at = self.job.docker_started_at
        project.save(update_fields=["last_package_job", "data_last_packaged_at"])


class ProcessProjectfileJobRun(JobRun):
    job_class = ProcessProjectfileJob
    command = ["process_projectfile", "%(id)s", "%(file)s"]

    def after_docker_run(self):
        outputs = self.job.feedback["outputs"]
        self.job.project.project_details = outputs["project_details"]["project_details"]
        self.job.project.save(update_fields=["project_details"])


class DeltaApplyJobRun(JobRun):
    job_class = ApplyJob
    command = ["delta_apply", "%(id)s", "%(file)s"]

    def before_docker_run(self):
        deltas = {
            "version": "1.0",
            "id": self.job_id,
            "project": str(self.job.project_id),
            "deltas": [delta.content for delta in self.job.deltas_to_apply.all()],
            "files": [],
            "clientPks": {},
        }
        (self.shared_tempdir / "deltafile.json").write_text(json.dumps(deltas))

    def after_docker_run(self):
        statuses = {
            "status_applied": "applied",
            "status_conflict": "conflict",
            "status_apply_failed": "not_applied",
        }
        for one in self.job.feedback["outputs"]["apply_deltas"]["delta_feedback"]:
            delta = self.job.deltas_to_apply.get(pk=one["delta_id"])
            delta.last_status = statuses.get(one["status"], "error")
            delta.last_feedback = one
            delta.last_modified_pk = one["modified_pk"]
            delta.save()


def cancel_orphaned_workers():
    batch, _ = connect()
    namespace = settings.QFIELDCLOUD_K8S_NAMESPACE
    app = f"app={settings.ENVIRONMENT}_worker"
    for found in batch.list_namespaced_job(namespace, label_selector=app).items:
        if not Job.objects.filter(pk=found.metadata.labels["job_id"]).exists():
            batch.delete_namespaced_job(
                found.metadata.name, namespace, propagation_policy="Background"
            )
