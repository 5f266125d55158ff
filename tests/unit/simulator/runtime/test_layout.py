"""Tests of how this machine's programs become an image."""

from pathlib import Path

import pytest

from harness.simulator.runtime import Image, Mount, StartError, StartFailure, Workload
from harness.simulator.runtime.filesystem import Bind, Directory, Layer
from harness.simulator.runtime.layout import Host, cgroup_v2, image_tree, lay_out


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """What of this machine containers see."""
    host = Host(tmp_path / "host")
    host.prepare()
    return host


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder for one container's files."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def workload(**fields: object) -> Workload:
    """A workload of ``true``."""
    return Workload(**{"image": Image(name="x"), "argv": ("true",), **fields})  # type: ignore[arg-type]


def test_image_lies_at_its_working_directory(host: Host, tmp_path: Path) -> None:
    """Also where the system has no such directory."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "entrypoint.py").touch()
    image = Image(name="x", root=tmp_path / "root", workdir="/usr/src/app")
    place = image_tree(image, host).resolve("/usr/src/app/entrypoint.py")
    assert place.source == tmp_path / "root" / "entrypoint.py"


@pytest.mark.parametrize("path", ["/home", "/root", "/run", "/var", "/tmp", "/opt"])
def test_people_and_state_are_hidden(host: Host, path: str) -> None:
    """They are empty directories of the container's own."""
    entries = dict(image_tree(Image(name="x"), host).items())
    assert isinstance(entries[path], Directory)


def test_accounts_of_this_machine_are_hidden(host: Host) -> None:
    """/etc has an image's accounts, and no shadow."""
    tree = image_tree(Image(name="x"), host)
    passwd = tree.resolve("/etc/passwd").source
    assert passwd is not None
    assert passwd.read_text().splitlines()[-1].startswith("nobody:")
    assert not tree.resolve("/etc/shadow").exists


def test_python_is_found_by_name(host: Host) -> None:
    """python3 is a script that runs this interpreter, with its own packages."""
    place = image_tree(Image(name="x"), host).resolve("/usr/local/sbin/python3")
    assert place.source is not None
    assert str(host.interpreter) in place.source.read_text()


def test_python_in_a_path_with_spaces(tmp_path: Path) -> None:
    """The script quotes it."""
    host = Host(tmp_path / "host", interpreter=tmp_path / "my venv" / "python3")
    host.prepare()
    script = (host.bin / "python3").read_text()
    assert f"exec '{tmp_path}/my venv/python3' \"$@\"" in script


def test_missing_source_is_told(host: Host, own: Path) -> None:
    """Nothing is made in its place."""
    mount = Mount(source=own / "nope", target="/io")
    with pytest.raises(StartError, match="/nope does not exist") as caught:
        lay_out(workload(mounts=(mount,)), host, own)
    assert caught.value.kind is StartFailure.BAD_MOUNT


def test_mount_below_a_file_is_told(host: Host, own: Path) -> None:
    """There is no place for it."""
    (own / "root").mkdir()
    (own / "root" / "file").touch()
    image = Image(name="x", root=own / "root", workdir="/w")
    mount = Mount(source=own, target="/w/file/deep")
    with pytest.raises(StartError) as caught:
        lay_out(workload(image=image, mounts=(mount,)), host, own)
    assert caught.value.kind is StartFailure.BAD_MOUNT


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc"])
def test_directory_onto_a_file(host: Host, own: Path, target: str) -> None:
    """Nor a file onto a directory."""
    (own / "file").touch()
    source = own if target == "/etc/passwd" else own / "file"
    mount = Mount(source=source, target=target)
    with pytest.raises(StartError, match="not a directory") as caught:
        lay_out(workload(mounts=(mount,)), host, own)
    assert caught.value.kind is StartFailure.MOUNT_MISMATCH


def test_mounts_keep_their_mode(host: Host, own: Path) -> None:
    """Read-only stays read-only."""
    mounts = (
        Mount(source=own, target="/rw"),
        Mount(source=own, target="/ro", read_only=True),
    )
    entries = dict(lay_out(workload(mounts=mounts), host, own).items())
    assert entries["/rw"] == Bind(own, read_only=False)
    assert entries["/ro"] == Bind(own, read_only=True)


def test_names_of_the_container(host: Host, own: Path) -> None:
    """Its own name and the added ones are in /etc/hosts."""
    given = workload(hostname="worker", hosts=(("10.0.0.1", "app"),))
    source = lay_out(given, host, own).resolve("/etc/hosts").source
    assert source is not None
    assert source.read_text().splitlines()[2:] == [
        "127.0.0.1\tworker",
        "10.0.0.1\tapp",
    ]


def test_missing_working_directory_is_made(host: Host, own: Path) -> None:
    """As runc does."""
    assert lay_out(workload(cwd="/made/here"), host, own).resolve("/made/here").is_dir


def test_own_files_are_layers(host: Host, own: Path) -> None:
    """/.dockerenv and the like."""
    entries = dict(lay_out(workload(files={"/.dockerenv": b""}), host, own).items())
    assert isinstance(entries["/.dockerenv"], Layer)


@pytest.mark.parametrize(
    ("fields", "name", "text"),
    [
        ({}, "memory.max", "max"),
        ({"memory_limit": 1_048_576_000}, "memory.max", "1048576000"),
        ({"memory_limit": 10_000}, "memory.max", "8192"),
        ({}, "cpu.weight", "100"),
        ({"cpu_weight": 512}, "cpu.weight", "20"),
        ({"cpu_weight": 1024}, "cpu.weight", "39"),
        ({"cpu_weight": 2}, "cpu.weight", "1"),
        ({"cpu_weight": 262144}, "cpu.weight", "10000"),
        ({}, "cpu.max", "max 100000"),
        ({"cpu_quota": 1.5}, "cpu.max", "150000 100000"),
    ],
)
def test_cgroup_files(fields: dict[str, object], name: str, text: str) -> None:
    """The numbers are those that runc writes for the same limits."""
    assert cgroup_v2(workload(**fields))[name] == text + "\n"
