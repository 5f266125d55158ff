"""get and list: selectors, pages, and which revision is read."""

import asyncio
import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from harness.simulator.kube_api import errors, field_values, selectors
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.errors import ApiError
from harness.simulator.kube_api.objects import (
    Object,
    labels_of,
    name_of,
    namespace_of,
)
from harness.simulator.kube_api.serving import presenting
from harness.simulator.kube_api.serving.call import Call
from harness.simulator.kube_api.store import CompactedError

_FUTURE_WAIT_S = 3.0
_MATCHES = ("Exact", "NotOlderThan", "")
_EXPIRED_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter, or use the continue "
    "token in this response to retrieve the remainder of the results. Continuing with "
    "the provided token results in an inconsistent list - objects that were created, "
    "modified, or deleted between the time the first chunk was returned and now may "
    "show up in the list."
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list or watch shows of a resource."""

    namespace: str
    labels: selectors.LabelSelector
    fields: selectors.FieldSelector
    defaults: Any

    def takes(self, obj: Object | None) -> bool:
        """Say whether an object is shown."""
        return (
            obj is not None
            and (not self.namespace or namespace_of(obj) == self.namespace)
            and selectors.matches(self.labels, labels_of(obj))
            and field_values.matches(self.fields, obj, self.defaults)
        )

    @property
    def selects(self) -> bool:
        """Say whether it looks at more than the namespace."""
        return bool(self.labels or self.fields)


def filter_of(call: Call) -> Filter:
    """Read the selectors of a request; raise 400 for what doesn't parse."""
    fields = call.resource.selectable()
    return Filter(
        call.namespace,
        selectors.parse_labels(call.query.get("labelSelector", "")),
        selectors.parse_fields(call.query.get("fieldSelector", ""), fields),
        fields,
    )


async def get(call: Call) -> web.StreamResponse:
    """Answer one object."""
    info, row = call.info, call.resource
    obj = call.cluster.store.get(row.key, call.namespace, info.name)
    if obj is None:
        raise errors.not_found(row.group, row.plural, info.name)
    return presenting.present(call, row.strategy.from_stored(obj))


async def list_(call: Call) -> web.StreamResponse:
    """Answer a list, or one page of it."""
    chosen = filter_of(call)
    limit = call.integer("limit") or 0
    call.integer("timeoutSeconds")
    revision, start = await _revision(call)
    items = [obj for obj in _read(call, revision) if chosen.takes(obj)]
    if start:
        items = [obj for obj in items if _page_key(call, obj) > start]
    shown = revision or call.cluster.store.revision
    metadata: dict[str, Any] = {"resourceVersion": str(shown)}
    if 0 < limit < len(items):
        last = _page_key(call, items[limit - 1])
        metadata["continue"] = _token(shown, last)
        if not chosen.selects:
            metadata["remainingItemCount"] = len(items) - limit
        items = items[:limit]
    from_stored = call.resource.strategy.from_stored
    return presenting.present_list(call, [from_stored(o) for o in items], metadata)


def _read(call: Call, revision: int) -> list[Object]:
    store, row = call.cluster.store, call.resource
    if not revision or revision == store.revision:
        return store.all(row.key, call.namespace)
    try:
        return store.all_at(row.key, call.namespace, revision)
    except CompactedError:
        if "continue" in call.query:
            raise ApiError(410, "Expired", _EXPIRED_PAGE) from None
        raise errors.expired(
            "The resourceVersion for the provided list is too old."
        ) from None


async def _revision(call: Call) -> tuple[int, str]:
    """Return the revision to read (0 for the newest) and after which key."""
    text = call.query.get("resourceVersion", "")
    match = call.query.get("resourceVersionMatch", "")
    token = call.query.get("continue", "")
    _check_match(text, match, token)
    if token:
        parsed = _parse_token(token)
        if text not in ("", "0"):
            raise errors.bad_request(
                "specifying resource version is not allowed when using continue"
            )
        return parsed
    if text in ("", "0"):
        return 0, ""
    if not re.fullmatch(r"\d+", text):
        raise errors.bad_request(f"invalid resource version: {_bad_version(text)}")
    wanted = int(text)
    await wait_for_revision(call, wanted)
    limited = bool(call.query.get("limit")) and not match
    return (wanted, "") if match == "Exact" or limited else (0, "")


async def wait_for_revision(call: Call, wanted: int) -> None:
    """Wait, up to 3 s, for a revision that is not there yet; then raise 504."""
    store, clock = call.cluster.store, call.cluster.world.clock
    if wanted <= store.revision:
        return
    end = clock.monotonic() + _FUTURE_WAIT_S
    while wanted > store.revision:
        if clock.monotonic() >= end:
            raise errors.too_large_version(wanted, store.revision)
        await asyncio.sleep(0.05)


def _check_match(text: str, match: str, token: str) -> None:
    where = "resourceVersionMatch"
    found = []
    if match and not text:
        why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        found.append(field.forbidden(where, why))
    if match and token:
        why = "resourceVersionMatch is forbidden when continue is provided"
        found.append(field.forbidden(where, why))
    if match not in _MATCHES:
        found.append(field.not_supported(where, match, _MATCHES))
    if match == "Exact" and text == "0":
        why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        found.append(field.forbidden(where, why))
    if found:
        raise errors.invalid("meta.k8s.io", "ListOptions", "", found)


def _bad_version(text: str) -> str:
    problem = f'strconv.ParseUint: parsing "{text}": invalid syntax'
    return str(field.invalid("resourceVersion", text, problem))


def _page_key(call: Call, obj: Object) -> str:
    """Return what a continue token calls an object's place in the list."""
    if call.namespace or not call.resource.namespaced:
        return name_of(obj)
    return f"{namespace_of(obj)}/{name_of(obj)}"


def _token(revision: int, last: str) -> str:
    start = f"{last}\x00"
    content = {"v": "meta.k8s.io/v1", "rv": revision, "start": start}
    text = json.dumps(content, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _parse_token(token: str) -> tuple[int, str]:
    prefix = "invalid continue token: continue key is not valid: "
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise errors.bad_request(
            f"{prefix}illegal base64 data at input byte {len(token) - 1}"
        ) from None
    try:
        content = json.loads(raw)
        return int(content["rv"]), str(content["start"]).rstrip("\x00")
    except (ValueError, KeyError, TypeError):
        first = raw[:1].decode(errors="replace") or " "
        raise errors.bad_request(
            f"{prefix}invalid character '{first}' looking for beginning of value"
        ) from None
