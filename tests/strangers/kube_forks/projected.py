"""Fork whose worker reads its secrets as files: one projected volume holds them all."""

from .ancestor import *
from .ancestor import PackageJobRun as _Package

PLACE = "/run/qfieldcloud"


class PackageJobRun(_Package):
    def manifest(self, plain, secrets):
        made = super().manifest(plain, {})
        pod = made["spec"]["template"]["spec"]
        pod["volumes"].append(
            {
                "name": "given",
                "projected": {
                    "sources": [
                        {"secret": {"name": self.job_name}},
                        {"serviceAccountToken": {"path": "pod-token"}},
                        {
                            "downwardAPI": {
                                "items": [
                                    {
                                        "path": "labels",
                                        "fieldRef": {"fieldPath": "metadata.labels"},
                                    }
                                ]
                            }
                        },
                    ]
                },
            }
        )
        mount = {"name": "given", "mountPath": PLACE, "readOnly": True}
        pod["containers"][0]["volumeMounts"].append(mount)
        return made
