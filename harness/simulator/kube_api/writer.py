"""The one way objects are created and updated, for clients and controllers alike.

Defaults, admission, validation, store: the order of the real server's registry.
Everything here happens without a pause, so that a write is one step for all others.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.simulator.clock import Clock, rfc3339
from harness.simulator.ids import Ids
from harness.simulator.kube_api import errors, resources
from harness.simulator.kube_api.admission.attempt import CREATE, UPDATE, Attempt
from harness.simulator.kube_api.admission.chain import Chain
from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.errors import ApiError, NotModelled
from harness.simulator.kube_api.objects import (
    Object,
    finalizers_of,
    is_deleting,
    meta,
    name_of,
    namespace_of,
    revision_of,
    uid_of,
    with_meta,
)
from harness.simulator.kube_api.resources import Resource
from harness.simulator.kube_api.store import (
    ExistsError,
    MissingError,
    StaleError,
    Store,
)
from harness.simulator.kube_api.validation import metadata

_MAX_GENERATED = 58
_SYSTEM_METADATA = (
    *("uid", "creationTimestamp", "generation", "deletionTimestamp"),
    *("deletionGracePeriodSeconds", "namespace", "name"),
)
_ATTEMPTS = 8


@dataclass(kw_only=True, slots=True)
class Caller:
    """Who writes, and what the answer will have to say beside the object."""

    user: User
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)


class Writer:
    """Creates and updates objects of every kind."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, admission: Chain) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._admission = admission

    def create(
        self, resource: Resource, namespace: str, obj: Object, caller: Caller
    ) -> Object:
        """Create an object; `obj` is fresh (decoded) and is changed."""
        generated = not name_of(obj) and bool(meta(obj).get("generateName"))
        for _ in range(_ATTEMPTS if generated else 1):
            if generated:
                obj["metadata"]["name"] = self._generated_name(obj)
            try:
                return self._create(resource, namespace, obj, caller, generated)
            except ExistsError:
                continue
        raise errors.already_exists(resource.group, resource.plural, name_of(obj))

    def update(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[Object], Object],
        caller: Caller,
        *,
        subresource: str = "",
    ) -> tuple[Object, bool]:
        """Replace an object by `change(old)`; return it and whether it was created.

        `change` returns a fresh, decoded object, or raises. Its resourceVersion,
        where it has one, must be the stored one.
        """
        old = self._store.get(resource.key, namespace, name)
        if old is None:
            if not resource.create_on_update or subresource:
                raise errors.not_found(resource.group, resource.plural, name)
            fresh = change({})
            meta(fresh).pop("resourceVersion", None)
            return self.create(resource, namespace, fresh, caller), True
        new = change(old)
        _check_identity(resource, new, old)
        new = self._prepared(resource, new, old, subresource)
        attempt = Attempt(
            operation=UPDATE,
            resource=resource,
            namespace=namespace,
            name=name,
            user=caller.user,
            obj=new,
            old=old,
            subresource=subresource,
            dry_run=caller.dry_run,
            warnings=caller.warnings,
        )
        self._admission.mutate(attempt)
        self._validate(resource, new, old=old, subresource=subresource)
        self._admission.validate(attempt)
        if not subresource:
            caller.warnings += resource.strategy.warnings(new)
        if caller.dry_run:
            return new, False
        return self._write_update(resource, new, old), False

    def _create(
        self,
        resource: Resource,
        namespace: str,
        obj: Object,
        caller: Caller,
        generated: bool,
    ) -> Object:
        strategy = resource.strategy
        strategy.default(obj)
        metadata_ = obj.setdefault("metadata", {})
        asked_version = metadata_.get("resourceVersion")
        obj["metadata"] = self._new_metadata(resource, metadata_, namespace)
        refused = strategy.unmodelled(obj)
        if refused:
            raise NotModelled(
                f"{resource.kind} {', '.join(refused)}", "registry/pod_fields.py"
            )
        attempt = Attempt(
            operation=CREATE,
            resource=resource,
            namespace=namespace,
            # the real server makes the name only when mutating plugins have run
            name=meta(obj)["generateName"] if generated else name_of(obj),
            user=caller.user,
            obj=obj,
            dry_run=caller.dry_run,
            warnings=caller.warnings,
        )
        self._admission.mutate(attempt)
        attempt.name = name_of(obj)
        strategy.prepare_create(obj)
        if resource.generation:
            obj["metadata"]["generation"] = 1
        self._validate(resource, obj)
        caller.warnings += strategy.warnings(obj)
        self._admission.validate(attempt)
        strategy.settle(obj)
        if caller.dry_run:
            if self._store.get(resource.key, namespace, name_of(obj)) is not None:
                raise ExistsError(name_of(obj))
            return with_meta(obj, resourceVersion=asked_version)
        if asked_version:
            raise ApiError(
                500, "", "resourceVersion should not be set on objects to be created"
            )
        return self._store.create(resource.key, obj)

    def _new_metadata(
        self, resource: Resource, given: Object, namespace: str
    ) -> Object:
        kept = {
            key: value
            for key, value in given.items()
            if key not in ("resourceVersion", "selfLink")
            and key not in ("deletionTimestamp", "deletionGracePeriodSeconds")
        }
        if resource.namespaced:
            if namespace and kept.get("namespace", namespace) != namespace:
                raise errors.bad_request(
                    "the namespace of the provided object does not match the "
                    "namespace sent on the request"
                )
            kept["namespace"] = namespace
        kept["uid"] = self._ids.uid()
        kept["creationTimestamp"] = rfc3339(self._clock.now_ns())
        return kept

    def _generated_name(self, obj: Object) -> str:
        base = str(meta(obj)["generateName"])[:_MAX_GENERATED]
        return base + self._ids.suffix()

    def _prepared(
        self, resource: Resource, new: Object, old: Object, subresource: str
    ) -> Object:
        """Return the new object with what this path can't change taken from old."""
        system = {key: meta(old).get(key) for key in _SYSTEM_METADATA}
        new = with_meta(new, **system, resourceVersion=None)
        if subresource == "status":
            status = new.get("status", {})
            owners = meta(old).get("ownerReferences")
            kept_meta = with_meta(new, ownerReferences=owners)["metadata"]
            if resource.plural == "pods":
                qos = (old.get("status") or {}).get("qosClass")
                status = {**status, "qosClass": status.get("qosClass") or qos}
            return {**old, "metadata": kept_meta, "status": status}
        resource.strategy.default(new)
        if resource.has_status:
            new.pop("status", None)
            if "status" in old:
                new["status"] = old["status"]
        resource.strategy.prepare_update(new, old)
        if resource.generation and new.get("spec") != old.get("spec"):
            new["metadata"]["generation"] = int(meta(old).get("generation") or 0) + 1
        return new

    def _validate(
        self,
        resource: Resource,
        obj: Object,
        *,
        old: Object | None = None,
        subresource: str = "",
    ) -> None:
        strategy = resource.strategy
        found = metadata.errors(obj, resources.name_errors(resource, name_of(obj)))
        if not subresource:
            found += strategy.validate(obj)
        if old is not None:
            found += metadata.update_errors(obj, old) * 2  # as the real server does
            if not subresource:
                found += strategy.validate_update(obj, old)
        if found:
            raise errors.invalid(resource.group, resource.kind, name_of(obj), found)

    def _write_update(self, resource: Resource, new: Object, old: Object) -> Object:
        if (
            is_deleting(new)
            and not finalizers_of(new)
            and not meta(new).get("deletionGracePeriodSeconds")
            and resource.plural != "namespaces"
        ):
            return self._store.delete(resource.key, new)
        try:
            return self._store.update(resource.key, new, expected=revision_of(old))
        except StaleError:
            raise errors.conflict(
                resource.group, resource.plural, name_of(new)
            ) from None
        except MissingError:
            raise errors.not_found(
                resource.group, resource.plural, name_of(new)
            ) from None


def _check_identity(resource: Resource, new: Object, old: Object) -> None:
    name = name_of(old)
    if name_of(new) not in ("", name):
        raise errors.bad_request(
            f"the name of the object ({name_of(new)}) does not match the name on the "
            f"URL ({name})"
        )
    if resource.namespaced and namespace_of(new) not in ("", namespace_of(old)):
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent "
            "on the request"
        )
    if uid_of(new) not in ("", uid_of(old)):
        raise errors.conflict(
            resource.group,
            resource.plural,
            name,
            f"Precondition failed: UID in precondition: {uid_of(new)}, UID in object "
            f"meta: {uid_of(old)}",
        )
    version = meta(new).get("resourceVersion")
    if version and version != meta(old)["resourceVersion"]:
        raise errors.conflict(resource.group, resource.plural, name)
