"""How objects are deleted: preconditions, grace, propagation, finalizers.

Whoever owns what is deleted (the kubelet for pods, the garbage collector for
dependents, the namespace controller) does the rest when they see the change.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from harness.simulator.clock import Clock, as_datetime, rfc3339
from harness.simulator.kube_api import errors
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.admission.attempt import DELETE, Attempt
from harness.simulator.kube_api.admission.chain import Chain
from harness.simulator.kube_api.objects import (
    Object,
    finalizers_of,
    is_deleting,
    meta,
    name_of,
    parse_time,
    uid_of,
    with_meta,
)
from harness.simulator.kube_api.resources import Resource
from harness.simulator.kube_api.store import Store
from harness.simulator.kube_api.writer import Caller

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
_POLICIES = {"Orphan": (ORPHAN,), "Foreground": (FOREGROUND,), "Background": ()}
_JOB_WARNING = (
    "child pods are preserved by default when jobs are deleted; set "
    "propagationPolicy=Background to remove them or set propagationPolicy=Orphan to "
    "suppress this warning"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteOptions:
    """What a client asks for, from the body or the query."""

    grace_seconds: int | None = None
    propagation: str | None = None
    orphan_dependents: bool | None = None
    uid: str | None = None
    revision: str | None = None

    def check(self) -> None:
        """Raise 422 for what makes no sense."""
        found = []
        if self.propagation is not None and self.orphan_dependents is not None:
            text = "orphanDependents and deletionPropagation cannot be both set"
            found.append(field.invalid("propagationPolicy", self.propagation, text))
        if self.propagation not in (None, *_POLICIES):
            names = ("Foreground", "Background", "Orphan", "nil")
            found.append(
                field.not_supported("propagationPolicy", self.propagation, names)
            )
        if found:
            raise errors.invalid("meta.k8s.io", "DeleteOptions", "", found)


def options_from(body: dict[str, Any]) -> DeleteOptions:
    """Read `meta/v1 DeleteOptions`."""
    preconditions = body.get("preconditions") or {}
    return DeleteOptions(
        grace_seconds=body.get("gracePeriodSeconds"),
        propagation=body.get("propagationPolicy"),
        orphan_dependents=body.get("orphanDependents"),
        uid=preconditions.get("uid"),
        revision=preconditions.get("resourceVersion"),
    )


class Deleter:
    """Deletes objects of every kind."""

    def __init__(self, store: Store, clock: Clock, admission: Chain) -> None:
        self._store = store
        self._clock = clock
        self._admission = admission

    def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        options: DeleteOptions,
        caller: Caller,
    ) -> tuple[Object, bool]:
        """Delete; return the object and whether it is gone already."""
        old = self._store.get(resource.key, namespace, name)
        if old is None:
            raise errors.not_found(resource.group, resource.plural, name)
        chosen = (options.propagation, options.orphan_dependents)
        if resource.plural == "jobs" and chosen == (None, None):
            caller.warnings.append(_JOB_WARNING)
        options.check()
        _check_preconditions(resource, old, options)
        self._admission.mutate(
            Attempt(
                operation=DELETE,
                resource=resource,
                namespace=namespace,
                name=name,
                user=caller.user,
                obj=old,
                old=old,
                dry_run=caller.dry_run,
                warnings=caller.warnings,
            )
        )
        grace = _grace(resource, old, options)
        if is_deleting(old) and _is_pending(old, grace):
            return old, False
        finalizers = _finalizers(resource, old, options)
        waits = bool(grace) or bool(finalizers) or resource.plural == "namespaces"
        if not waits:
            last = old if grace is None else self._marked(resource, old, grace, [])
            if caller.dry_run:
                return last, True
            if grace is not None:
                last = self._store.update(resource.key, last)
            return self._store.delete(resource.key, last), True
        new = self._marked(resource, old, grace, finalizers)
        if caller.dry_run:
            return new, False
        return self._store.update(resource.key, new), False

    def remove_terminated_pod(self, pod: Object) -> None:
        """Delete a pod with grace 0, as its kubelet does; finalizers may hold it."""
        now = rfc3339(self._clock.now_ns())
        marked = with_meta(pod, deletionTimestamp=now, deletionGracePeriodSeconds=0)
        marked = self._store.update("pods", marked)
        if not finalizers_of(marked):
            self._store.delete("pods", marked)

    def _marked(
        self, resource: Resource, old: Object, grace: int | None, finalizers: list[str]
    ) -> Object:
        now = as_datetime(self._clock.now_ns())
        if is_deleting(old) and grace is not None:
            asked = parse_time(meta(old)["deletionTimestamp"])
            asked -= timedelta(seconds=meta(old).get("deletionGracePeriodSeconds") or 0)
            end = max(asked + timedelta(seconds=grace), now)
        else:
            end = now + timedelta(seconds=grace or 0)
        generation = meta(old).get("generation")
        if generation and not is_deleting(old):
            generation += 1
        new = with_meta(
            old,
            deletionTimestamp=end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            deletionGracePeriodSeconds=grace or 0,
            finalizers=finalizers or None,
            generation=generation,
        )
        if resource.plural == "namespaces":
            new = with_meta(new, deletionGracePeriodSeconds=None)
            new["status"] = {**(old.get("status") or {}), "phase": "Terminating"}
        return new


def _check_preconditions(
    resource: Resource, old: Object, options: DeleteOptions
) -> None:
    problem = ""
    if options.uid is not None and options.uid != uid_of(old):
        problem = (
            f"the UID in the precondition ({options.uid}) does not match the UID in "
            f"record ({uid_of(old)}). The object might have been deleted and then "
            "recreated"
        )
    revision = meta(old)["resourceVersion"]
    if options.revision is not None and options.revision != revision:
        problem = problem or (
            f"the ResourceVersion in the precondition ({options.revision}) does not "
            f"match the ResourceVersion in record ({revision}). The object might have "
            "been modified"
        )
    if problem:
        # the real server puts the kind where it has the resource elsewhere
        raise errors.conflict(resource.group, resource.kind, name_of(old), problem)


def _grace(resource: Resource, old: Object, options: DeleteOptions) -> int | None:
    """Return the seconds of grace; None for kinds that know none."""
    if resource.plural != "pods":
        return None
    if is_deleting(old):
        running = meta(old).get("deletionGracePeriodSeconds") or 0
        asked = options.grace_seconds
        return running if asked is None else max(asked, 0)
    period = options.grace_seconds
    if period is None:
        period = old["spec"].get("terminationGracePeriodSeconds", 0)
    ended = (old.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    if not old["spec"].get("nodeName") or ended:
        return 0
    return 1 if period < 0 else int(period)


def _is_pending(old: Object, grace: int | None) -> bool:
    """Say whether a running deletion stays as it is."""
    running = meta(old).get("deletionGracePeriodSeconds") or 0
    if grace is None or running == 0:
        return bool(finalizers_of(old)) or grace is None
    return grace >= running


def _finalizers(resource: Resource, old: Object, options: DeleteOptions) -> list[str]:
    """Return the finalizers after the deletion's propagation policy is noted."""
    current = finalizers_of(old)
    if options.orphan_dependents is not None:
        added: tuple[str, ...] = (ORPHAN,) if options.orphan_dependents else ()
    elif options.propagation is not None:
        added = _POLICIES[options.propagation]
    elif ORPHAN in current or FOREGROUND in current:
        return list(current)
    else:
        added = (ORPHAN,) if resource.orphan_default else ()
    return [f for f in current if f not in (ORPHAN, FOREGROUND)] + list(added)


def gone(resource: Resource, obj: Object) -> Object:
    """Return the `Status` that a finished delete answers with."""
    details = {"name": name_of(obj), "kind": resource.plural, "uid": uid_of(obj)}
    if resource.group:
        details["group"] = resource.group
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }
