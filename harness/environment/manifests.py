"""The manifests of ``k8s-manifests/base``, as the objects of one cell's namespace.

The shipped Role, claims and Deployment are what is tested, so they are read from there,
and not written a second time.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .. import resources
from . import kustomization
from .kustomization import Object as Object
from .place import Rule


def base() -> list[Object]:
    """Every object of the base.

    :raises UsageError: the kustomization is broken
    """
    return kustomization.render(resources.manifests() / "base")


def of_kind(objects: Iterable[Object], kind: str) -> list[Object]:
    """The objects of one kind."""
    return [one for one in objects if one["kind"] == kind]


def without_rights(role: Object, rights: Iterable[tuple[str, str]]) -> Object:
    """The Role with these rights (resource, verb or ``*``) taken out."""
    taken = set(rights)
    rules = []
    for rule in role["rules"]:
        for resource in rule["resources"]:
            verbs = [
                verb
                for verb in rule["verbs"]
                if (resource, verb) not in taken and (resource, "*") not in taken
            ]
            if verbs:
                rules.append({**rule, "resources": [resource], "verbs": verbs})
    return {**role, "rules": rules}


def rules_of(role: Object) -> tuple[Rule, ...]:
    """The rules of a Role."""
    return tuple(
        Rule(
            groups=tuple(rule.get("apiGroups") or ()),
            resources=tuple(rule.get("resources") or ()),
            verbs=tuple(rule["verbs"]),
        )
        for rule in role["rules"]
    )


def deployment_environ(deployment: Object, namespace: str) -> dict[str, str]:
    """The variables that the Deployment gives the wrapper."""
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    found: dict[str, str] = {}
    for item in container.get("env") or ():
        if "value" in item:
            found[item["name"]] = str(item["value"])
        elif _field(item) == "metadata.namespace":
            found[item["name"]] = namespace
    return found


def _field(item: Mapping[str, Any]) -> str:
    source = item.get("valueFrom") or {}
    return str((source.get("fieldRef") or {}).get("fieldPath", ""))


def claim_mounts(deployment: Object) -> dict[str, str]:
    """Where the wrapper's pod mounts which claim: mount path by claim name."""
    spec = deployment["spec"]["template"]["spec"]
    claims = {
        volume["name"]: volume["persistentVolumeClaim"]["claimName"]
        for volume in spec.get("volumes") or ()
        if "persistentVolumeClaim" in volume
    }
    return {
        claims[mount["name"]]: mount["mountPath"]
        for mount in spec["containers"][0].get("volumeMounts") or ()
        if mount["name"] in claims
    }
