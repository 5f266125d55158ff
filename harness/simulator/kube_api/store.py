"""The store: versioned objects, one revision counter, and who wants to know.

What etcd and the watch cache are together. It knows neither HTTP nor kinds: an
object is JSON under (resource, namespace, name). Objects are never changed in place.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.simulator.kube_api.objects import (
    Object,
    name_of,
    namespace_of,
    revision_of,
    with_meta,
)

_HISTORY = 4096
"""Events kept for each resource; the real window holds 75 s and at least 100."""


class StoreError(Exception):
    """The write did not happen."""


class ExistsError(StoreError):
    """Create: there is an object of that name."""


class MissingError(StoreError):
    """Update, delete: there is no object of that name."""


class StaleError(StoreError):
    """Update, delete: the expected revision is not the object's."""


class CompactedError(StoreError):
    """The revision is older than the history; `oldest` is the first still known."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"revisions before {oldest} are compacted")
        self.oldest = oldest


@dataclass(frozen=True, slots=True)
class Change:
    """One commit: `old` is None for a creation, `new` is None for a deletion.

    `last` is the object as a watch shows it: for a deletion, the old one at the
    revision of the deletion.
    """

    revision: int
    resource: str
    old: Object | None
    new: Object | None
    last: Object


Listener = Callable[[Change], None]


class Watch:
    """Changes of one resource from a revision on, in order, as they happen."""

    def __init__(self, close: Callable[["Watch"], None]) -> None:
        self._changes: deque[Change] = deque()
        self._arrived = asyncio.Event()
        self._close = close

    def push(self, change: Change) -> None:
        """Append a change (called by the store)."""
        self._changes.append(change)
        self._arrived.set()

    async def wait(self) -> None:
        """Return when at least one change is there."""
        await self._arrived.wait()

    def take(self) -> list[Change]:
        """Return and forget all changes that are there."""
        changes = list(self._changes)
        self._changes.clear()
        self._arrived.clear()
        return changes

    def close(self) -> None:
        """Get no more changes."""
        self._close(self)


class Store:
    """All objects of the cluster."""

    def __init__(self) -> None:
        self.revision = 0
        self._objects: dict[str, dict[tuple[str, str], Object]] = {}
        self._history: dict[str, deque[Change]] = {}
        self._floor: dict[str, int] = {}
        self._default_floor = 0
        self._watches: dict[str, list[Watch]] = {}
        self._listeners: list[Listener] = []

    def resources(self) -> list[str]:
        """Return the resources that have, or had, objects."""
        return list(self._objects)

    def get(self, resource: str, namespace: str, name: str) -> Object | None:
        """Return one object; the caller must not change it."""
        return self._objects.get(resource, {}).get((namespace, name))

    def all(self, resource: str, namespace: str = "") -> list[Object]:
        """Return a resource's objects, of all namespaces for "", in key order."""
        return _in_order(self._objects.get(resource, {}), namespace)

    def all_at(self, resource: str, namespace: str, revision: int) -> list[Object]:
        """Return what `all` would have returned at a revision.

        Raises CompactedError where the history doesn't reach back that far.
        """
        self._check_reachable(resource, revision)
        objects = dict(self._objects.get(resource, {}))
        for change in reversed(self._history.get(resource, ())):
            if change.revision <= revision:
                break
            key = _key(change.last)
            if change.old is None:
                del objects[key]
            else:
                objects[key] = change.old
        return _in_order(objects, namespace)

    def create(self, resource: str, obj: Object) -> Object:
        """Store a new object and return it with its resourceVersion."""
        objects = self._objects.setdefault(resource, {})
        if _key(obj) in objects:
            raise ExistsError(f"{resource} {_key(obj)} exists")
        stored = self._stamped(obj)
        objects[_key(obj)] = stored
        self._commit(resource, None, stored, stored)
        return stored

    def update(
        self, resource: str, obj: Object, *, expected: int | None = None
    ) -> Object:
        """Replace an object; one that is equal is left alone and keeps its revision.

        `expected` is the revision that the writer has seen; None writes whatever the
        revision is. Raises MissingError, StaleError.
        """
        old = self._existing(resource, obj, expected)
        if with_meta(obj, resourceVersion=old["metadata"]["resourceVersion"]) == old:
            return old
        stored = self._stamped(obj)
        self._objects[resource][_key(obj)] = stored
        self._commit(resource, old, stored, stored)
        return stored

    def delete(
        self, resource: str, obj: Object, *, expected: int | None = None
    ) -> Object:
        """Remove an object for good; return it as the DELETED event shows it.

        `obj` may be a newer form of what is stored, for instance with a final status.
        """
        old = self._existing(resource, obj, expected)
        last = self._stamped(obj)
        del self._objects[resource][_key(obj)]
        self._commit(resource, old, None, last)
        return last

    def watch(self, resource: str, since: int) -> Watch:
        """Watch a resource from the revision after `since`; raise CompactedError."""
        self._check_reachable(resource, since)
        watches = self._watches.setdefault(resource, [])
        watch = Watch(watches.remove)
        for change in self._history.get(resource, ()):
            if change.revision > since:
                watch.push(change)
        watches.append(watch)
        return watch

    def listen(self, listener: Listener) -> None:
        """Call a function at each commit; it may note, and must not write."""
        self._listeners.append(listener)

    def compact(self) -> None:
        """Forget the history: older revisions can't be listed or watched from."""
        self._history.clear()
        self._floor.clear()
        self._default_floor = self.revision

    def _existing(self, resource: str, obj: Object, expected: int | None) -> Object:
        old = self._objects.get(resource, {}).get(_key(obj))
        if old is None:
            raise MissingError(f"no {resource} {_key(obj)}")
        if expected is not None and expected != revision_of(old):
            raise StaleError(f"{resource} {_key(obj)} is at {revision_of(old)}")
        return old

    def _stamped(self, obj: Object) -> Object:
        self.revision += 1
        return with_meta(obj, resourceVersion=str(self.revision))

    def _commit(
        self, resource: str, old: Object | None, new: Object | None, last: Object
    ) -> None:
        change = Change(self.revision, resource, old, new, last)
        history = self._history.setdefault(resource, deque())
        history.append(change)
        if len(history) > _HISTORY:
            self._floor[resource] = history.popleft().revision
        for watch in self._watches.get(resource, ()):
            watch.push(change)
        for listener in self._listeners:
            listener(change)

    def _check_reachable(self, resource: str, revision: int) -> None:
        floor = self._floor.get(resource, self._default_floor)
        if revision < floor:
            raise CompactedError(floor)


def _key(obj: Object) -> tuple[str, str]:
    return namespace_of(obj), name_of(obj)


def _in_order(objects: dict[tuple[str, str], Object], namespace: str) -> list[Object]:
    def wanted() -> Iterator[tuple[str, str]]:
        return (key for key in objects if not namespace or key[0] == namespace)

    return [objects[key] for key in sorted(wanted(), key=_path)]


def _path(key: tuple[str, str]) -> str:
    return f"{key[0]}/{key[1]}"
