"""The garbage collector: what is owned goes with its owner, or is let go of.

It keeps a graph of who owns whom, from every object's ownerReferences.
"""

from harness.simulator.kube_api import resources
from harness.simulator.kube_api.auth.user import system
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.deleter import FOREGROUND, ORPHAN, DeleteOptions
from harness.simulator.kube_api.objects import (
    Object,
    finalizers_of,
    is_deleting,
    meta,
    name_of,
    namespace_of,
    owners_of,
    uid_of,
    with_meta,
    without_finalizer,
)
from harness.simulator.kube_api.resources import Resource
from harness.simulator.kube_api.store import Change
from harness.simulator.kube_api.writer import Caller

_LAG_S = 0.05
_IGNORED = ("events",)
_ROWS: dict[str, Resource] = {
    row.key: row for row in resources.TABLE if not row.stored_in and "get" in row.verbs
}
Place = tuple[str, str, str]
"""(resource, namespace, name)"""


class GarbageCollector:
    """Follows the graph of owners."""

    def __init__(self, cluster: Cluster) -> None:
        self._store = cluster.store
        self._deleter = cluster.deleter
        self._places: dict[str, Place] = {}
        self._dependents: dict[str, set[Place]] = {}
        self.loop: Loop[Place] = Loop(
            "garbage collector", self.sync, cluster.world.clock
        )
        for key in _ROWS:
            for obj in self._store.all(key):
                self._places[uid_of(obj)] = (key, namespace_of(obj), name_of(obj))
        self._store.listen(self._notice)

    def _notice(self, change: Change) -> None:
        if change.resource in _IGNORED:
            return
        obj = change.last
        place = (change.resource, namespace_of(obj), name_of(obj))
        before = {o["uid"] for o in owners_of(change.old or {})}
        after = {o["uid"] for o in owners_of(change.new or {})}
        for uid in before - after:
            self._dependents.get(uid, set()).discard(place)
        for uid in after - before:
            self._dependents.setdefault(uid, set()).add(place)
        if change.new is None:
            self._places.pop(uid_of(obj), None)
            for dependent in self._dependents.get(uid_of(obj), ()):
                self.loop.add_lagging(dependent, _LAG_S)
            self._look_at_owners(before, change)
            if not self._dependents.get(uid_of(obj)):
                self._dependents.pop(uid_of(obj), None)
            return
        self._places[uid_of(obj)] = place
        if after - before or (is_deleting(obj) and _own_finalizers(obj)):
            self.loop.add_lagging(place, _LAG_S)

    def _look_at_owners(self, owners: set[str], change: Change) -> None:
        """Let owners that wait for this one in the foreground have a look."""
        for uid in owners:
            place = self._places.get(uid)
            if place is not None and change.new is None:
                self.loop.add(place)

    def sync(self, place: Place) -> None:
        """Bring one object a step further: as an owner, then as a dependent."""
        obj = self._store.get(*place)
        if obj is None:
            return
        if is_deleting(obj) and ORPHAN in finalizers_of(obj):
            self._orphan(place, obj)
        elif is_deleting(obj) and FOREGROUND in finalizers_of(obj):
            self._delete_dependents(place, obj)
        elif owners_of(obj):
            self._follow_owners(place, obj)

    def _orphan(self, place: Place, owner: Object) -> None:
        for dependent_place in sorted(self._dependents.get(uid_of(owner), ())):
            dependent = self._store.get(*dependent_place)
            if dependent is not None:
                left = [o for o in owners_of(dependent) if o["uid"] != uid_of(owner)]
                free = with_meta(dependent, ownerReferences=left or None)
                self._store.update(dependent_place[0], free)
        self._finish(place, without_finalizer(owner, ORPHAN))

    def _delete_dependents(self, place: Place, owner: Object) -> None:
        """Delete what the owner owns; let the owner go when nothing blocks it."""
        blocked = False
        for dependent_place in sorted(self._dependents.get(uid_of(owner), ())):
            dependent = self._store.get(*dependent_place)
            if dependent is None:
                continue
            reference = next(
                o for o in owners_of(dependent) if o["uid"] == uid_of(owner)
            )
            blocked = blocked or bool(reference.get("blockOwnerDeletion"))
            if not is_deleting(dependent):
                self._delete(dependent_place, dependent)
        if not blocked:
            self._finish(place, without_finalizer(owner, FOREGROUND))

    def _follow_owners(self, place: Place, obj: Object) -> None:
        """Delete an object whose owners are all gone; drop references to gone ones."""
        alive = [o for o in owners_of(obj) if self._exists(o, obj)]
        if alive and len(alive) < len(owners_of(obj)):
            self._store.update(place[0], with_meta(obj, ownerReferences=alive))
        elif not alive and not is_deleting(obj):
            self._delete(place, obj)

    def _exists(self, reference: Object, dependent: Object) -> bool:
        place = self._places.get(reference["uid"])
        if place is None or place[2] != reference["name"]:
            return False
        # an owner in another namespace is no owner
        return place[1] in ("", namespace_of(dependent))

    def _delete(self, place: Place, obj: Object) -> None:
        row = _ROWS[place[0]]
        options = DeleteOptions(propagation="Background", uid=uid_of(obj))
        caller = Caller(user=system("generic-garbage-collector"))
        self._deleter.delete(row, place[1], place[2], options, caller)

    def _finish(self, place: Place, obj: Object) -> None:
        grace = meta(obj).get("deletionGracePeriodSeconds")
        if not finalizers_of(obj) and not grace:
            # the real one is removed by this update: no MODIFIED is seen
            self._store.delete(place[0], self._as_stored(place, obj))
        else:
            self._store.update(place[0], obj)

    def _as_stored(self, place: Place, obj: Object) -> Object:
        """Return the object as its DELETED event shows it: with the finalizer."""
        stored = self._store.get(*place)
        return stored if stored is not None else obj


def _own_finalizers(obj: Object) -> bool:
    return any(f in (ORPHAN, FOREGROUND) for f in finalizers_of(obj))
