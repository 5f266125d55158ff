"""ServiceAccount: every pod has one, and its token unless somebody says no."""

from harness.simulator.ids import Ids
from harness.simulator.kube_api.admission.attempt import CREATE, Attempt
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.store import Store

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a path
_VOLUME = "kube-api-access-"
_TOKEN_SECONDS = 3607


def admit(attempt: Attempt, store: Store, ids: Ids) -> None:
    """Set the account, its pull secrets, and the volume with its token."""
    if not attempt.is_for("pods", CREATE):
        return
    spec = attempt.obj["spec"]
    name = spec.get("serviceAccountName") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    account = store.get("serviceaccounts", attempt.namespace, name)
    if account is None:
        raise attempt.forbidden(
            f"error looking up service account {attempt.namespace}/{name}: "
            f'serviceaccount "{name}" not found'
        )
    if account.get("imagePullSecrets") and not spec.get("imagePullSecrets"):
        spec["imagePullSecrets"] = list(account["imagePullSecrets"])
    if _wants_token(spec, account):
        _mount_token(spec, ids)


def _wants_token(spec: Object, account: Object) -> bool:
    for holder in (spec, account):
        if "automountServiceAccountToken" in holder:
            return bool(holder["automountServiceAccountToken"])
    return True


def _mount_token(spec: Object, ids: Ids) -> None:
    volumes = spec.setdefault("volumes", [])
    volume = next((v["name"] for v in volumes if v["name"].startswith(_VOLUME)), "")
    missing = not volume
    volume = volume or _VOLUME + ids.suffix()
    used = False
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind) or ():
            mounts = container.get("volumeMounts") or []
            if any(mount["mountPath"] == TOKEN_PATH for mount in mounts):
                continue
            used = True
            mount = {"name": volume, "readOnly": True, "mountPath": TOKEN_PATH}
            container["volumeMounts"] = [*mounts, mount]
    if used and missing:
        volumes.append(_token_volume(volume))
    if not volumes:
        del spec["volumes"]


def _token_volume(name: str) -> Object:
    return {
        "name": name,
        "projected": {
            "sources": [
                {
                    "serviceAccountToken": {
                        "expirationSeconds": _TOKEN_SECONDS,
                        "path": "token",
                    }
                },
                {
                    "configMap": {
                        "name": "kube-root-ca.crt",
                        "items": [{"key": "ca.crt", "path": "ca.crt"}],
                    }
                },
                {
                    "downwardAPI": {
                        "items": [
                            {
                                "path": "namespace",
                                "fieldRef": {
                                    "apiVersion": "v1",
                                    "fieldPath": "metadata.namespace",
                                },
                            }
                        ]
                    }
                },
            ],
            "defaultMode": 0o644,
        },
    }
