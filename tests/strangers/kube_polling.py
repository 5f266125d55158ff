"""QFieldCloud jobs on our cluster. Runs in the wrapper's pod; the NFS claim is at /mnt/qfc."""

import json
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

from constance import config as qfc_config
from django.conf import settings
from django.utils import timezone
from kubernetes import client, config
from kubernetes.client.rest import ApiException
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.core.models import Job, PackageJob, ProcessProjectfileJob

NFS = Path("/mnt/qfc")
NFS_CLAIM = os.environ.get("QFC_NFS_CLAIM", "qfc-nfs")


def to_quantity(limit):
    return limit.lower().rstrip("b").replace("m", "Mi").replace("g", "Gi")


class K8sJobRun:
    job_class = Job
    command = ()

    def __init__(self, job_id):
        config.load_incluster_config()
        self.batch = client.BatchV1Api()
        self.core = client.CoreV1Api()
        namespace = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
        self.namespace = namespace.read_text()
        self.job = self.job_class.objects.get(id=job_id)
        self.name = f"qfc-worker-{job_id}"

    def run(self):
        job = self.job
        job.status, job.started_at = "started", timezone.now()
        job.save()
        self.io = NFS / str(job.id)
        self.io.mkdir()
        try:
            job.docker_started_at = timezone.now()
            self.batch.create_namespaced_job(self.namespace, self.manifest())
            job.container_id = self.name
            job.save()
            code, job.output = self.wait()
            job.docker_finished_at = timezone.now()
            job.feedback = json.loads((self.io / "feedback.json").read_text())
            job.feedback["container_exit_code"] = code
            ok = code == 0 and "error" not in job.feedback
            if ok:
                self.after()
            job.status = "finished" if ok else "failed"
        except Exception as e:
            job.status = "failed"
            job.feedback = {
                "error": str(e),
                "error_origin": "worker_wrapper",
                "container_exit_code": None,
            }
        finally:
            self.batch.delete_namespaced_job(
                self.name, self.namespace, propagation_policy="Background"
            )
            shutil.rmtree(self.io)
            job.finished_at = timezone.now()
            job.save()

    def after(self):
        pass

    def wait(self):
        deadline = time.time() + qfc_config.WORKER_TIMEOUT_S
        while time.time() < deadline:
            status = self.batch.read_namespaced_job(self.name, self.namespace).status
            if status.succeeded or status.failed:
                break
            time.sleep(0.02)
        pod = self.core.list_namespaced_pod(
            self.namespace, label_selector=f"job-name={self.name}"
        ).items[0]
        log = self.core.read_namespaced_pod_log(pod.metadata.name, self.namespace)
        state = pod.status.container_statuses[0].state.terminated
        return (state.exit_code if state else -1), log

    def manifest(self):
        project = self.job.project
        secrets = {s.name: s.value for s in project.secrets.filter(type="envvar")}
        services = [s.value for s in project.secrets.filter(type="pgservice")]
        token = AuthToken.objects.create(
            user=self.job.created_by,
            client_type=AuthToken.ClientType.WORKER,
            expires_at=timezone.now() + timedelta(seconds=qfc_config.WORKER_TIMEOUT_S),
        )
        env = {
            **secrets,
            "PGSERVICE_FILE_CONTENTS": "\n".join(services),
            "QFIELDCLOUD_EXTRA_ENVVARS": json.dumps(list(secrets)),
            "QFIELDCLOUD_TOKEN": token.key,
            "QFIELDCLOUD_URL": settings.QFIELDCLOUD_WORKER_QFIELDCLOUD_URL,
            "JOB_ID": str(self.job.id),
            "PROJ_DOWNLOAD_DIR": "/transformation_grids",
            "QT_QPA_PLATFORM": "offscreen",
        }
        labels = {
            "app": f"{settings.ENVIRONMENT}_worker",
            "type": self.job.type,
            "job_id": str(self.job.id),
            "project_id": str(project.id),
        }
        memory = to_quantity(qfc_config.WORKER_QGIS_MEMORY_LIMIT)
        claim = client.V1PersistentVolumeClaimVolumeSource
        container = client.V1Container(
            name="worker",
            image=settings.QFIELDCLOUD_QGIS_IMAGE_NAME,
            args=[
                "python3",
                "entrypoint.py",
                *(c.format(p=project) for c in self.command),
            ],
            env=[client.V1EnvVar(name=k, value=v) for k, v in env.items()],
            resources=client.V1ResourceRequirements(
                limits={"memory": memory},
                requests={
                    "cpu": f"{qfc_config.WORKER_QGIS_CPU_SHARES * 1000 // 1024}m",
                    "memory": memory,
                },
            ),
            volume_mounts=[
                client.V1VolumeMount(
                    name="nfs", mount_path="/io", sub_path=str(self.job.id)
                ),
                client.V1VolumeMount(
                    name="grids", mount_path="/transformation_grids", read_only=True
                ),
            ],
        )
        return client.V1Job(
            metadata=client.V1ObjectMeta(name=self.name, labels=labels),
            spec=client.V1JobSpec(
                backoff_limit=0,
                template=client.V1PodTemplateSpec(
                    metadata=client.V1ObjectMeta(labels=labels),
                    spec=client.V1PodSpec(
                        containers=[container],
                        restart_policy="Never",
                        automount_service_account_token=False,
                        volumes=[
                            client.V1Volume(
                                name="nfs",
                                persistent_volume_claim=claim(claim_name=NFS_CLAIM),
                            ),
                            client.V1Volume(
                                name="grids",
                                persistent_volume_claim=claim(
                                    claim_name="transformation-grids", read_only=True
                                ),
                            ),
                        ],
                    ),
                ),
            ),
        )


class K8sPackageJobRun(K8sJobRun):
    job_class = PackageJob
    command = (
        "package",
        "{p.id}",
        "{p.project_filename}",
        "{p.packaging_offliner}",
    )

    def after(self):
        project = self.job.project
        project.last_package_job = self.job
        project.data_last_packaged_at = self.job.docker_started_at
        project.save()


class K8sProcessProjectfileJobRun(K8sJobRun):
    job_class = ProcessProjectfileJob
    command = ("process_projectfile", "{p.id}", "{p.project_filename}")

    def after(self):
        project = self.job.project
        outputs = self.job.feedback["outputs"]
        project.project_details = outputs["project_details"]["project_details"]
        project.save()


def cleanup_orphaned_jobs():
    config.load_incluster_config()
    batch = client.BatchV1Api()
    namespace = settings.QFIELDCLOUD_K8S_NAMESPACE
    selector = f"app={settings.ENVIRONMENT}_worker"
    for job in batch.list_namespaced_job(namespace, label_selector=selector).items:
        if not Job.objects.filter(id=job.metadata.labels["job_id"]).exists():
            try:
                batch.delete_namespaced_job(
                    job.metadata.name, namespace, propagation_policy="Background"
                )
            except ApiException as e:
                if e.status != 404:
                    raise
