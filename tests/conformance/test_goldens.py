"""The golden files themselves: stamped, unchanged, and each with its test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from . import golden
from .recorder import Profile, Recorder, differences
from .wire import Answer

pytestmark = pytest.mark.simulator_only("about the records, not about a server")

RECORDS = sorted(golden.FOLDER.glob("*/*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_stamped(path: Path) -> None:
    """It says which server wrote it and when, and was not changed since."""
    stored = json.loads(path.read_text())
    assert stored["origin"]["content"] == golden.digest(stored["steps"])
    assert {"profile", "server", "kernel", "recorded"} <= stored["origin"].keys()
    assert stored["origin"]["profile"] == path.parent.name


def test_no_orphans() -> None:
    """Every record has a test that is compared with it."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist"]
    collected = subprocess.run(
        [*command, "-p", "no:cacheprovider", str(Path(__file__).parent)],
        capture_output=True,
        text=True,
    )
    named = set()
    for line in collected.stdout.splitlines():
        path, _, test = line.partition("::")
        if test:
            module = Path(path).stem.removeprefix("test_")
            name = f"{module}-{test.removeprefix('test_')}"
            named.add(golden.path_of(Path(path).parent.name, name).stem)
    orphans = [path.name for path in RECORDS if path.stem not in named]
    assert not orphans


def test_hand_edit_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that isn't what was recorded is refused."""
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    golden.save("p", "t", golden.Golden({}, [{"name": "a", "value": 1}]))
    path = golden.path_of("p", "t")
    path.write_text(path.read_text().replace('"value": 1', '"value": 2'))
    with pytest.raises(golden.GoldenError, match="changed by hand"):
        golden.load("p", "t")


def test_missing_record_says_what_to_do(tmp_path: Path) -> None:
    """Which options record it."""
    with pytest.raises(golden.GoldenError, match="--conformance docker_engine"):
        golden.load("nope", "t")


def _answer(body: bytes, status: int = 200) -> Answer:
    headers = {"Content-Type": "application/json", "Date": "today"}
    return Answer("GET", "/x", None, status, headers, body)


def _record(*bodies: bytes, ignored: dict[str, str] | None = None) -> Recorder:
    recorder = Recorder(Profile("p", ignored or {}))
    for number, body in enumerate(bodies):
        recorder(str(number), _answer(body))
    return recorder


def test_different_answers_differ() -> None:
    """The comparison finds values, missing fields, types and statuses."""
    first = _record(b'{"a": 1, "b": [1, 2]}').steps
    for other in (b'{"a": 2, "b": [1, 2]}', b'{"b": [1, 2]}', b'{"a": true, "b": [1]}'):
        assert list(differences(first, _record(other).steps))
    assert not list(differences(first, _record(b'{"b": [1, 2], "a": 1}').steps))


def test_same_id_stays_the_same() -> None:
    """Two ids that are equal in one record have to be equal in the other."""
    a, b = b'{"id": "%s"}' % (b"a" * 64), b'{"id": "%s"}' % (b"b" * 64)
    assert not list(differences(_record(a, a).steps, _record(b, b).steps))
    assert list(differences(_record(a, a).steps, _record(a, b).steps))


def test_order_of_times_is_kept() -> None:
    """A time before another has to come before it in the other record, too."""
    early, late = "2026-01-02T03:04:05.000000001Z", "2026-01-02T03:04:05.9Z"
    text = '{"from": "%s", "to": "%s"}'
    right = _record((text % (early, late.replace(".9Z", ".900000001Z"))).encode())
    wrong = _record((text % (late.replace(".9Z", ".900000001Z"), early)).encode())
    assert list(differences(right.steps, wrong.steps))


def test_short_id_of_a_known_one() -> None:
    """The first twelve digits are recognised, wherever they come."""
    record = _record(b'{"Hostname": "%s", "Id": "%s"}' % (b"c" * 12, b"c" * 64))
    assert record.steps[0]["body"]["Hostname"] == "<id:1/12>"


def test_what_is_left_out_has_a_reason() -> None:
    """A field is left out by its path, in lists as well."""
    ignored = {"body.[].Status": "an age"}
    one, two = b'[{"Status": "1 s", "x": 1}]', b'[{"Status": "2 s", "x": 1}]'
    assert _record(one, ignored=ignored).steps == _record(two, ignored=ignored).steps
    assert _record(one).steps != _record(two).steps
