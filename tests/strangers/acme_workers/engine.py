"""Acme's own names: nothing here is called as QFieldCloud calls it."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import docker
from constance import config
from django.conf import settings
from django.utils import timezone
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.core.models import Job

SHARE = Path(os.environ["ACME_SHARE"])


class Packager:
    def __init__(self, key):
        self.row = Job.objects.get(pk=key)
        self.client = docker.DockerClient(base_url=settings.ACME_ENGINE)

    def run(self):
        row, project = self.row, self.row.project
        row.status = "started"
        row.started_at = row.docker_started_at = timezone.now()
        row.save()
        folder = SHARE / f"acme-{row.pk}"
        folder.mkdir()
        token = AuthToken.objects.create(
            user=row.created_by,
            client_type="worker",
            expires_at=timezone.now() + timedelta(seconds=config.WORKER_TIMEOUT_S),
        )
        secrets = {s.name: s.value for s in project.secrets.filter(type="envvar")}
        services = [s.value for s in project.secrets.filter(type="pgservice")]
        box = self.client.containers.create(
            settings.QFIELDCLOUD_QGIS_IMAGE_NAME,
            [
                *("python3", "entrypoint.py", "package", str(project.pk)),
                *(project.project_filename, project.packaging_offliner),
            ],
            environment={
                **secrets,
                "PGSERVICE_FILE_CONTENTS": "\n".join(services),
                "QFIELDCLOUD_EXTRA_ENVVARS": json.dumps(list(secrets)),
                "QFIELDCLOUD_TOKEN": token.key,
                "QFIELDCLOUD_URL": settings.QFIELDCLOUD_WORKER_QFIELDCLOUD_URL,
                "JOB_ID": str(row.pk),
                "PROJ_DOWNLOAD_DIR": "/transformation_grids",
                "QT_QPA_PLATFORM": "offscreen",
            },
            labels={
                "app": f"{settings.ENVIRONMENT}_worker",
                "type": row.type,
                "job_id": str(row.pk),
                "project_id": str(project.pk),
            },
            network=settings.QFIELDCLOUD_DEFAULT_NETWORK,
            volumes={
                str(folder): {"bind": "/io"},
                settings.QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME: {
                    "bind": "/transformation_grids",
                    "mode": "ro",
                },
            },
            mem_limit=config.WORKER_QGIS_MEMORY_LIMIT,
            cpu_shares=config.WORKER_QGIS_CPU_SHARES,
        )
        row.container_id = box.id
        row.save()
        box.start()
        code = box.wait()["StatusCode"]
        row.output = box.logs().decode(errors="replace").replace("\0", "")
        row.docker_finished_at = timezone.now()
        row.feedback = json.loads((folder / "feedback.json").read_text())
        row.feedback["container_exit_code"] = code
        shutil.rmtree(folder)
        box.remove()
        token.delete()
        if code == 0:
            project.last_package_job_id = row.pk
            project.data_last_packaged_at = row.docker_started_at
            project.save()
        row.status = "failed" if code or "error" in row.feedback else "finished"
        row.finished_at = timezone.now()
        row.save()


def tidy():
    client = docker.DockerClient(base_url=settings.ACME_ENGINE)
    label = f"app={settings.ENVIRONMENT}_worker"
    for box in client.containers.list(filters={"label": label}):
        if not Job.objects.filter(pk=box.labels["job_id"]).exists():
            box.remove(force=True)
