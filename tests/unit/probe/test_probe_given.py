"""What the probe sees of its surroundings."""

import os
from pathlib import Path

import pytest

from .conftest import Probe


def test_argv_and_env_are_exact(probe: Probe) -> None:
    """Spaces, quotes, newlines, $(VAR), UTF-8 and long values arrive unchanged."""
    odd = {"A": "$(HOME) \"'\n\\", "Ü": "żółć", "LONG": "x" * 100_000, "EMPTY": ""}
    argv = ("package", "-p", "bäume $(HOME).qgs", "")
    probe.run(*argv, env=odd)
    assert probe.report["argv"][1:] == list(argv)
    assert {key: probe.report["env"][key] for key in odd} == odd
    assert "LC_CTYPE" not in probe.report["env"], "Python's own addition"


def test_env_that_is_not_utf8_is_given_as_hex(probe: Probe) -> None:
    """Bytes that are no text keep a form that any JSON store takes."""
    probe.run(env={"RAW": os.fsdecode(b"caf\xe9")})
    assert probe.report["env"]["RAW"] == "caf\\xe9"
    assert probe.report["env_not_utf8"] == {"RAW": b"caf\xe9".hex()}


def test_directory_that_takes_no_file_is_told(probe: Probe) -> None:
    """Where no file can be made, not even by root, nothing is writable."""
    probe.grids = Path("/proc")
    probe.run()
    assert probe.report["transformation_grids"]["writable"] is False
    assert probe.report["transformation_grids"]["error"]


def test_writability_is_tried_and_leaves_nothing(probe: Probe) -> None:
    """The trial shows owner and mode of a new file, and the file is gone."""
    probe.run()
    new_file = probe.report["io"]["new_file"]
    assert probe.report["io"]["writable"] is True
    assert (new_file["uid"], new_file["size"]) == (os.getuid(), 5)
    assert not list(probe.io.glob(".qfc-probe-*"))


def test_other_jobs_in_io_are_found(probe: Probe) -> None:
    """A volume that shows other jobs' directories gives them away."""
    for name, content in (("other/deltafile.json", "{}"), ("plain/a.gpkg", "")):
        (probe.io / name).parent.mkdir()
        (probe.io / name).write_text(content)
    (probe.io / "deltafile.json").write_text("{}")
    probe.run()
    assert probe.report["io"]["jobs"] == ["other"]
    assert "plain/a.gpkg" in probe.report["io"]["files"]


def test_another_job_is_found_among_many_directories(probe: Probe) -> None:
    """A whole /tmp in place of one directory: the listing is cut, the search isn't."""
    for number in range(300):
        (probe.io / f"a-{number:03}").mkdir()
    (probe.io / "z").mkdir()
    (probe.io / "z" / "neighbour-of-another-job.txt").touch()
    probe.run()
    assert "z" not in probe.report["io"]["files"]
    assert probe.report["io"]["jobs"] == ["z"]


def test_listing_is_bounded(probe: Probe) -> None:
    """A directory of many files doesn't make the report grow without end."""
    for number in range(300):
        (probe.grids / f"{number}.tif").touch()
    probe.run()
    assert len(probe.report["transformation_grids"]["files"]) == 200


def test_api_is_reached_with_timing(probe: Probe) -> None:
    """The answer of status/, its Date and the time it took are reported."""
    probe.run()
    api = probe.report["api"]
    assert api["status"] == 200
    assert api["addresses"] == ["127.0.0.1"]
    assert api["date"].endswith("GMT")
    assert 0 < api["dns_s"] <= api["total_s"] < 5


def test_paths_outside_are_tried(probe: Probe, tmp_path: Path) -> None:
    """touch_outside tells for each path whether it can be read."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "feedback.json").write_text("{}")
    here, missing = str(tmp_path / "other"), str(tmp_path / "missing")
    probe.run(script={"touch_outside": [here, missing]})
    assert probe.report["outside"][here]["entries"] == ["feedback.json"]
    assert probe.report["outside"][missing] == {
        "readable": False,
        "error": os.strerror(2),
    }


def test_mountinfo_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options, root and source of a mount, with escaped spaces."""
    import probe_given

    line = r"36 35 98:0 /jobs/a\040b /io rw,nosuid shared:1 - ext4 /dev/sd\040a rw"
    monkeypatch.setattr(probe_given, "read_text", lambda path: line)
    (mount,) = probe_given.read_mounts()
    assert mount == {
        "path": "/io",
        "root": "/jobs/a b",
        "read_only": False,
        "options": ["rw", "nosuid"],
        "fstype": "ext4",
        "source": "/dev/sd a",
    }


@pytest.mark.parametrize(
    ("files", "memory", "quota"),
    [
        pytest.param(
            {
                "/proc/self/cgroup": "0::/",
                "/sys/fs/cgroup/memory.max": "1048576000",
                "/sys/fs/cgroup/cpu.max": "max 100000",
            },
            ("1048576000", "/sys/fs/cgroup/memory.max"),
            ("max 100000", "/sys/fs/cgroup/cpu.max"),
            id="v2",
        ),
        pytest.param(
            {
                "/proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576000",
                "/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us": "-1",
            },
            ("1048576000", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
            ("-1", "/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us"),
            id="v1",
        ),
    ],
)
def test_limits_of_both_cgroup_versions(
    monkeypatch: pytest.MonkeyPatch, files: dict, memory: tuple, quota: tuple
) -> None:
    """The limit is read from whichever cgroup version is there, with its file."""
    import probe_given

    monkeypatch.setattr(probe_given, "read_text", files.get)
    limits = probe_given.limits()
    assert limits["memory"] == {"value": memory[0], "file": memory[1]}
    assert limits["cpu_quota"] == {"value": quota[0], "file": quota[1]}


def test_tokens_in_other_volumes_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A projected token is known by its content, wherever it is mounted."""
    import probe_given

    (tmp_path / "creds").write_text("eyJhbGciOi.e30.x")
    (tmp_path / "readme").write_text("nothing")
    monkeypatch.setattr(probe_given, "MOUNTS", {})
    assert probe_given.find_tokens([{"path": str(tmp_path)}]) == [
        {"path": str(tmp_path / "creds"), "kind": "jwt"}
    ]


def test_sockets_in_volumes_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An engine's socket is found wherever it is mounted; a file isn't one."""
    import socket

    import probe_given

    (tmp_path / "docker.sock").write_text("no socket")
    (tmp_path / "containerd").mkdir()
    monkeypatch.setattr(probe_given, "MOUNTS", {})
    with socket.socket(socket.AF_UNIX) as listening:
        path = str(tmp_path / "containerd" / "containerd.sock")
        listening.bind(path)
        found = probe_given.find_docker_sockets([{"path": str(tmp_path)}])
    assert path in found
    assert str(tmp_path / "docker.sock") not in found


def test_search_of_a_large_volume_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only so many files of a volume are looked at."""
    import probe_given

    monkeypatch.setattr(probe_given, "TOKEN_LIMIT", 30)
    for number in range(50):
        (tmp_path / str(number)).touch()
    assert len(list(probe_given.bounded_walk(str(tmp_path)))) == 30
