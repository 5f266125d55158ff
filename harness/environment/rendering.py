"""What an operator applies: a base or overlay, their namespace, image and settings."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path

from .. import resources
from ..errors import UsageError
from . import kustomization, manifests
from .kustomization import Object

BASE = "base"
APP_IMAGE = "qfieldcloud-app"
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def overlays() -> list[str]:
    """What can be rendered by its name."""
    found = (resources.manifests() / "overlays").iterdir()
    return [BASE, *sorted(one.name for one in found if one.is_dir())]


def folder(name: str) -> Path:
    """Where an overlay lies: one of ours by its name, or a folder of the operator's."""
    if name == BASE:
        return resources.manifests() / BASE
    own = Path(name)
    if (own / kustomization.FILE).is_file():
        return own
    if name in overlays():
        return resources.manifests() / "overlays" / name
    raise UsageError(
        f"--overlay {name}: there is no such overlay, and no folder with a "
        f"{kustomization.FILE}.",
        f"There are: {', '.join(overlays())}.",
    )


def rendered(
    overlay: str, *, namespace: str, image: str, settings: Mapping[str, str] | None
) -> list[Object]:
    """The objects, in the order in which they are applied.

    :param namespace: in place of the overlay's own; "" keeps that
    :param settings: what the Secret of the Deployment's ``envFrom`` holds, if any
    """
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise UsageError(
            f"--namespace {namespace}: no namespace can have this name.",
            "Write at most 63 of a-z, 0-9 and '-', a letter or digit at both ends.",
        )
    objects = kustomization.render(folder(overlay))
    if image:
        objects = kustomization.with_image(objects, APP_IMAGE, image)
    if namespace:
        objects = kustomization.in_namespace(objects, namespace)
    spaces = {one["metadata"].get("namespace", "") for one in objects} - {""}
    if len(spaces) != 1:
        raise UsageError(
            f"{overlay} names no namespace, and a RoleBinding needs one.",
            "Say which: --namespace NAME.",
        )
    if settings is not None:
        objects.append(_secret(objects, spaces.pop(), settings))
    return kustomization.in_order(objects)


def _secret(
    objects: list[Object], namespace: str, settings: Mapping[str, str]
) -> Object:
    deployment = manifests.of_kind(objects, "Deployment")[0]
    own = manifests.deployment_environ(deployment, namespace)
    differing = [
        f"{name}={value}: the Deployment says {own[name]!r}, and that wins"
        for name, value in settings.items()
        if own.get(name, value) != value
    ]
    if differing:
        raise UsageError(
            "\n".join(differing),
            "Take them out of the file; what the Deployment says is changed by an "
            "overlay of your own (--overlay FOLDER), or by --namespace.",
        )
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": container["envFrom"][0]["secretRef"]["name"],
            "namespace": namespace,
        },
        "data": {
            name: base64.b64encode(value.encode()).decode()
            for name, value in settings.items()
            if name not in own
        },
    }
