"""Writes docs/simulator-coverage.md from the tables that the simulator works by.

``python -m harness.simulator.coverage`` writes it, ``--check`` only says whether it
is stale. What is *proven* is read from the golden files, which real servers wrote.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.simulator import control
from harness.simulator.docker_api import fields, routes
from harness.simulator.docker_api.fields import Policy
from harness.simulator.docker_api.server import find_route
from harness.simulator.kube_api import recorded, resources
from harness.simulator.kube_api.registry import persistent_volumes, pod_fields

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "simulator-coverage.md"
GOLDEN = ROOT / "tests" / "conformance" / "golden"
_DOCKER, _KUBERNETES = "docker-20.10", "kubernetes-1.34"
_API_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/[^/]+/(?:namespaces/(?P<namespace>[^/?]+)/?)?"
    r"(?P<plural>[a-z]+)?(?:/(?P<name>[^/?]+))?(?:/(?P<sub>[^/?]+))?(?:\?.*)?"
)

Proofs = dict[tuple[str, ...], set[int]]


def page() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_docker(), *_kubernetes(), *_control()]) + "\n"


def _head() -> Iterator[str]:
    yield "# What the simulator covers"
    yield ""
    yield "Written by `python -m harness.simulator.coverage`; don't edit it by hand."
    yield ""
    yield "*Proven* are the statuses of those answers that a real server gave to the"
    yield "same requests and that the simulator gives as well: see"
    yield "`tests/conformance`. What is refused is answered 501, recorded, and ends a"
    yield "cell as *error*."


def _recorded(profile: str) -> Iterator[tuple[str, str, int]]:
    """Method, path and status of every recorded answer."""
    for file in sorted((GOLDEN / profile).glob("*.json")):
        for step in json.loads(file.read_text())["steps"]:
            method, _, path = step.get("request", "").partition(" ")
            if path:
                yield method, path, int(step["status"])


def _statuses(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "–"


def _docker() -> Iterator[str]:
    proofs: Proofs = defaultdict(set)
    for method, path, status in _recorded(_DOCKER):
        route, _ = find_route(method, path.partition("?")[0])
        if route is not None:
            proofs[route.method, route.path].add(status)
    answered = [route for route in routes.ROUTES if route.handler is not None]
    yield from _title("Docker Engine API 1.41", f"{len(answered)} of")
    yield f"{len(routes.ROUTES)} requests of API 1.41 are answered."
    yield from _header("request", "does", "proven")
    for route in answered:
        does = (route.handler.__doc__ or "").strip().splitlines()[0]
        proven = _statuses(proofs[route.method, route.path])
        yield _row(f"`{route.method} {route.path}`", does, proven)
    yield from _title("Refused requests", "")
    for route in routes.ROUTES:
        if route.handler is None:
            yield f"- `{route.method} {route.path}`"
    for name, table in (("Config", fields.CONFIG), ("HostConfig", fields.HOST_CONFIG)):
        yield from _title(f"Fields of a container's {name}", "")
        for policy, text in (
            (Policy.MODELLED, "Modelled"),
            (Policy.KEPT, "Kept, without effect"),
            (Policy.REFUSED, "Refused unless empty or harmless"),
        ):
            names = [f"`{f.name}`" for f in table if f.policy is policy]
            yield f"- {text}: {', '.join(names)}"


def _kubernetes() -> Iterator[str]:
    proofs: Proofs = defaultdict(set)
    for method, path, status in _recorded(_KUBERNETES):
        match = _API_PATH.fullmatch(path)
        if match is None:
            continue
        plural = match["plural"] or ("namespaces" if match["namespace"] else "")
        proofs[match["group"] or "", plural, match["sub"] or "", method].add(status)
    yield from _title("Kubernetes API 1.34", f"{len(resources.TABLE)} resources,")
    yield "each with the verbs that it has in a real cluster."
    yield from _header("resource", "verbs", "subresources", "proven")
    for resource in resources.TABLE:
        name = f"{resource.plural}.{resource.group}".rstrip(".")
        known = {
            f"{method}{f' /{key[2]}' if key[2] else ''} {_statuses(found)}"
            for key, found in proofs.items()
            for method in (key[3],)
            if key[:2] == (resource.group, resource.plural)
        }
        yield _row(
            f"`{name}`",
            " ".join(resource.verbs),
            " ".join(each.name for each in resource.subresources) or "–",
            "; ".join(sorted(known)) or "–",
        )
    yield from _title("Refused resources and subresources", "")
    for group_version, names in sorted(recorded.resource_names().items()):
        refused = sorted(name for name in names if not _is_served(group_version, name))
        if refused:
            yield f"- {group_version}: {', '.join(f'`{name}`' for name in refused)}"
    yield from _title("Volumes of a pod", "")
    for text, kinds in (
        ("Modelled", pod_fields.VOLUMES),
        ("In a projected volume", pod_fields.PROJECTIONS),
        ("Behind a PersistentVolume", persistent_volumes.SOURCES),
    ):
        yield f"- {text}: {', '.join(f'`{kind}`' for kind in kinds)}"
    for title, table in (
        ("Refused fields of a pod", pod_fields.POD_REFUSED),
        ("Refused fields of a container", pod_fields.CONTAINER_REFUSED),
        ("Refused fields of a volume mount", pod_fields.MOUNT_REFUSED),
        ("Refused fields of a Job", pod_fields.JOB_REFUSED),
        ("Fields of a pod that are kept, without effect", pod_fields.HARMLESS),
    ):
        yield from _title(title, "")
        yield ", ".join(f"`{name}`" for name in table)


def _is_served(group_version: str, name: str) -> bool:
    group, _, version = group_version.rpartition("/")
    plural, _, sub = name.partition("/")
    row = resources.find(group, version, plural)
    return row is not None and (not sub or row.subresource(sub) is not None)


def _control() -> Iterator[str]:
    yield from _title("The control API", "For the harness, below")
    yield f"`{control.PREFIX}` on the Kubernetes server, with the admin token."
    yield from _header("request", "does")
    for route in control.ROUTES:
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route.pattern)
        yield _row(f"`{route.method} {control.PREFIX}{path}`", route.summary)


def _title(text: str, first: str) -> Iterator[str]:
    yield from ("", f"## {text}", "")
    if first:
        yield first


def _header(*cells: str) -> Iterator[str]:
    yield from ("", _row(*cells), _row(*("---" for _ in cells)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(argv: list[str] | None = None) -> int:
    """Write the page, or with ``--check`` say whether it is stale (1)."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.simulator.coverage",
        description="Write docs/simulator-coverage.md.",
    )
    parser.add_argument("--check", action="store_true", help="only compare")
    options = parser.parse_args(argv)
    text = page()
    if not options.check:
        PAGE.write_text(text)
        return 0
    if PAGE.exists() and PAGE.read_text() == text:
        return 0
    sys.stderr.write(
        f"{PAGE} is stale: run python -m harness.simulator.coverage and commit it\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
