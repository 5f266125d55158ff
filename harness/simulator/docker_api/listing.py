"""Filters: which containers, images, volumes and networks a client asks for."""

import re
from collections.abc import Mapping, Sequence

from harness.simulator.docker_api import query
from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.engine import Engine
from harness.simulator.docker_api.errors import (
    ApiError,
    InvalidError,
    NotFoundError,
    not_modelled,
)
from harness.simulator.docker_api.images import LocalImage, matches_reference
from harness.simulator.docker_api.networks import PREDEFINED, Network
from harness.simulator.docker_api.query import Filters, label_matches
from harness.simulator.docker_api.volumes import Volume

CONTAINER_FILTERS = (
    *("ancestor", "before", "exited", "expose", "health", "id", "is-task"),
    *("isolation", "label", "name", "network", "publish", "since", "status"),
    "volume",
)
IMAGE_FILTERS = ("before", "dangling", "label", "reference", "since")
NETWORK_FILTERS = ("dangling", "driver", "id", "label", "name", "scope", "type")
VOLUME_FILTERS = ("dangling", "driver", "label", "name")

_STATES = (
    *("paused", "restarting", "removing", "running", "dead", "created", "exited"),
)


def containers(
    engine: Engine, filters: Filters, *, every: bool, limit: int
) -> list[Container]:
    """Newest first; those that run unless all, a number or a state is asked for."""
    for name in ("expose", "publish", "isolation"):
        if name in filters:
            raise not_modelled(f"the container filter {name!r}", "listing.py")
    for state in filters.get("status", ()):
        if state not in _STATES:
            raise InvalidError(f"Invalid filter 'status={state}'")
    codes = [query.atoi(text) for text in filters.get("exited", ())]
    found = _between(engine, filters)
    if not (every or limit > 0 or "status" in filters):
        found = [c for c in found if c.state.running]
    ancestors = _ancestors(engine, filters)
    kept = [
        container
        for container in found
        if _matches(engine, container, filters)
        and ("exited" not in filters or _exited_with(container, codes))
        and (ancestors is None or container.image.id in ancestors)
    ]
    return kept[:limit] if limit > 0 else kept


def _between(engine: Engine, filters: Filters) -> list[Container]:
    found = engine.containers.all()
    for name in ("before", "since"):
        for reference in filters.get(name, ()):
            try:
                other = engine.containers.get(reference)
            except NotFoundError:
                raise ApiError(f"no such container {reference}") from None
            at = other.created_ns
            found = [
                c
                for c in found
                if (c.created_ns < at if name == "before" else c.created_ns > at)
            ]
    return found


def _ancestors(engine: Engine, filters: Filters) -> set[str] | None:
    if "ancestor" not in filters:
        return None
    found = set()
    for reference in filters["ancestor"]:
        try:
            found.add(engine.images.get(reference).image.id)
        except ApiError:
            continue  # the engine only logs it
    return found


def _exited_with(container: Container, codes: Sequence[int]) -> bool:
    state = container.state
    return bool(state.started_ns and not state.running and state.exit_code in codes)


def _matches(engine: Engine, container: Container, filters: Filters) -> bool:
    if not label_matches(container.spec.labels, filters.get("label", ())):
        return False
    tests = {
        "id": [container.id.startswith(value) for value in filters.get("id", ())],
        "name": [
            _searches(pattern, container.name) for pattern in filters.get("name", ())
        ],
        "status": [container.state.status == s for s in filters.get("status", ())],
        "health": [value == "none" for value in filters.get("health", ())],
        "is-task": [value in ("false", "0") for value in filters.get("is-task", ())],
        "network": [
            _in_network(engine, container, n) for n in filters.get("network", ())
        ],
        "volume": [
            any(volume in (p.volume, p.target, p.source) for p in container.mounts)
            for volume in filters.get("volume", ())
        ],
    }
    return all(any(results) for name, results in tests.items() if name in filters)


def _searches(pattern: str, name: str) -> bool:
    """The name matches with or without its slash; a bad expression matches itself."""
    try:
        expression = re.compile(pattern)
    except re.error:
        return pattern == name
    return bool(expression.search(name) or expression.search(f"/{name}"))


def _in_network(engine: Engine, container: Container, reference: str) -> bool:
    try:
        network = engine.networks.get(reference)
    except NotFoundError:
        return False
    return network.name in container.endpoints


def images(engine: Engine, filters: Filters) -> list[LocalImage]:
    """Newest first."""
    found = engine.images.all()
    for name in ("before", "since"):
        for reference in filters.get(name, ()):
            at = engine.images.get(reference).created_ns
            found = [
                i
                for i in found
                if (i.created_ns < at if name == "before" else i.created_ns > at)
            ]
    if "dangling" in filters:
        wanted = filters["dangling"][0] in ("true", "1")
        found = [i for i in found if (not i.names) is wanted]
    if "reference" in filters:
        patterns = filters["reference"]
        found = [
            i for i in found if any(matches_reference(i.names, p) for p in patterns)
        ]
    return [i for i in found if label_matches(i.image.labels, filters.get("label", ()))]


def volumes(engine: Engine, filters: Filters) -> list[Volume]:
    """By name."""
    for name in filters:
        if name not in VOLUME_FILTERS:
            raise InvalidError(f"Invalid filter '{name}'")
    found = engine.volumes.all()
    if "dangling" in filters:
        (value, *_) = filters["dangling"]
        if value not in ("true", "1", "false", "0"):
            raise InvalidError(f"Invalid filter 'dangling=[{value}]'")
        found = [v for v in found if (not v.users) is (value in ("true", "1"))]
    if "driver" in filters and "local" not in filters["driver"]:
        return []
    if "name" in filters:
        found = [v for v in found if any(part in v.name for part in filters["name"])]
    labels = filters.get("label", ())
    return [volume for volume in found if label_matches(volume.labels or {}, labels)]


def networks(engine: Engine, filters: Filters) -> list[Network]:
    """In the order of their making."""
    for kind in filters.get("type", ()):
        if kind not in ("custom", "builtin"):
            raise ApiError(f"invalid filter: 'type'='{kind}'")
    return [n for n in engine.networks.all() if _network_matches(n, filters)]


def _network_matches(network: Network, filters: Filters) -> bool:
    builtin = network.name in PREDEFINED
    unused = not builtin and not network.endpoints
    tests = {
        "name": [part in network.name for part in filters.get("name", ())],
        "id": [network.id.startswith(part) for part in filters.get("id", ())],
        "driver": [network.driver == name for name in filters.get("driver", ())],
        "scope": [scope == "local" for scope in filters.get("scope", ())],
        "type": [(k == "builtin") is builtin for k in filters.get("type", ())],
        "dangling": [
            (value in ("true", "1")) is unused for value in filters.get("dangling", ())
        ],
    }
    if not label_matches(network.labels, filters.get("label", ())):
        return False
    return all(any(results) for name, results in tests.items() if name in filters)


def prunable(filters: Filters, labels: Mapping[str, str], created_ns: int) -> bool:
    """Whether prune may take it: by label, its absence, or age."""
    if not label_matches(labels, filters.get("label", ())):
        return False
    unwanted = filters.get("label!", ())
    if unwanted and label_matches(labels, unwanted):
        return False
    until = filters.get("until", ())
    if any(not re.fullmatch(r"\d+(\.\d+)?", text) for text in until):
        raise not_modelled("times in words for the filter 'until'", "listing.py")
    moments = [query.timestamp_ns(text) or 0 for text in until]
    return all(created_ns < moment for moment in moments)
