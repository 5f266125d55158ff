"""Options, the simulator, and the rule that every fact has exactly one origin."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import simulator
from .recorder import Profile, Recorder

TARGETS = ("simulator", "docker_engine", "kind_cluster")
ORIGINS = {
    "recorded": "recorded(profile): the golden file was written by that real server",
    "simulator_only": "simulator_only(reason): can't be recorded, and why",
    "real_only": "real_only(reason): only real servers have it, and why",
}
_HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which server answers, and whether it writes the golden files."""
    group = parser.getgroup("conformance")
    group.addoption(
        "--conformance",
        choices=TARGETS,
        default="simulator",
        help="who answers the conformance tests",
    )
    group.addoption(
        "--record",
        action="store_true",
        help="write the golden files; refused unless the server proves to be real",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for text in ORIGINS.values():
        config.addinivalue_line("markers", text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test without an origin, or with two; skip what doesn't apply."""
    for item in items:
        if _HERE not in item.path.parents:
            continue
        target, origin = target_of(item.config), origin_of(item)
        if origin.name == "simulator_only" and target != "simulator":
            item.add_marker(pytest.mark.skip(reason=f"simulator: {origin.args[0]}"))
        if origin.name == "real_only" and target == "simulator":
            item.add_marker(pytest.mark.skip(reason=f"real: {origin.args[0]}"))


def origin_of(item: pytest.Item) -> pytest.Mark:
    """Its one origin: its own, or else its module's."""
    for markers in (item.own_markers, list(item.iter_markers())):
        origins = [marker for marker in markers if marker.name in ORIGINS]
        if len(origins) == 1 and len(origins[0].args) == 1:
            return origins[0]
        if origins:
            break
    raise pytest.UsageError(
        f"{item.nodeid}: give it exactly one of {', '.join(ORIGINS)}, with one argument"
    )


def target_of(config: pytest.Config) -> str:
    """The server that was asked for."""
    return str(config.getoption("--conformance", default="simulator"))


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> str:
    """``simulator``, ``docker_engine`` or ``kind_cluster``."""
    return target_of(pytestconfig)


@pytest.fixture(scope="session")
def ready(
    target: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any] | None]:
    """The simulator's ready line; None where a real server answers."""
    if target != "simulator":
        yield None
        return
    directory = tmp_path_factory.mktemp("simulator")
    with simulator.running(
        directory, "--pace", "fast", "--seed", "conformance"
    ) as line:
        yield line


@pytest.fixture
def see(profile: Profile) -> Recorder:
    """The test's recorder: compared with its golden file when the test has run."""
    return Recorder(profile)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """After a test's own body: compare what it showed, or store it."""
    result = yield
    recorder = pyfuncitem.funcargs.get("see")
    if isinstance(recorder, Recorder):
        _finish(pyfuncitem, recorder)
    return result


def _finish(item: pytest.Function, recorder: Recorder) -> None:
    """``origin``, from the API's own conftest, is what proves a server to be real."""
    marker = origin_of(item)
    if marker.name != "recorded":
        return
    assert recorder.steps, "a recorded test has to show something"
    assert marker.args[0] == recorder.profile, "recorded from another profile"
    if item.config.getoption("--record"):
        origin = item._request.getfixturevalue("origin")
        recorder.record(_record_of(item), origin)
        return
    found = recorder.compare(_record_of(item))
    assert not found, "\n" + "\n".join(found)


def _record_of(item: pytest.Function) -> str:
    """``logs-tail[1]`` for ``test_logs.py::test_tail[1]``."""
    module = item.path.stem.removeprefix("test_")
    return f"{module}-{item.name.removeprefix('test_')}"
