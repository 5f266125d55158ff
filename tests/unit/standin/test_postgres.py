"""The embedded PostgreSQL: apart from others, quick from the cache, self-mending."""

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from harness.errors import EnvironmentMissing
from harness.settings import Settings
from harness.standin import postgres
from harness.standin.postgres import SUPERUSER, EmbeddedPostgres
from harness.standin.run_directory import RunDirectory, open_run_directory


@pytest.fixture
def run(short_tmp: Path) -> Iterator[RunDirectory]:
    """A run's directory."""
    settings = Settings(temporary=short_tmp, cache=short_tmp)
    with open_run_directory(settings) as directory:
        yield directory


@pytest.fixture
def server(run: RunDirectory) -> Iterator[EmbeddedPostgres]:
    """A server that isn't started."""
    temporary = run.path.parent
    made = EmbeddedPostgres(Settings(temporary=temporary, cache=temporary), run)
    yield made
    made.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a data directory is kept; filled by the first test that needs it."""
    return tmp_path_factory.mktemp("cache") / "postgres-1"


@pytest.fixture
def filled(template: Path, server: EmbeddedPostgres) -> Path:
    """A template that a server has left, with a database in it."""
    if not template.is_dir():
        assert server.start(template) is False
        with _connect(server) as connection:
            connection.execute("CREATE DATABASE kept")
        server.save(template)
        server._start_over()
    return template


def _connect(server: EmbeddedPostgres) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host=server.host, user=SUPERUSER, dbname="postgres", autocommit=True
    )


def _has_kept(server: EmbeddedPostgres) -> bool:
    with _connect(server) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'kept'")
        return found.fetchone() is not None


def test_the_cache_is_used(server: EmbeddedPostgres, filled: Path) -> None:
    """What was kept is there again."""
    assert server.start(filled) is True
    assert _has_kept(server)


def test_the_copy_is_worked_on(server: EmbeddedPostgres, filled: Path) -> None:
    """The cache itself stays as it was."""
    server.start(filled)
    with _connect(server) as connection:
        connection.execute("CREATE DATABASE another")
    assert not (filled / "postmaster.pid").exists()
    assert server._data != filled


def test_nobody_else_can_reach_it(server: EmbeddedPostgres, filled: Path) -> None:
    """A socket in a directory of mode 0700, no port, no privileges."""
    server.start(filled)
    assert server._process is not None
    process = psutil.Process(server._process.pid)
    assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
    with _connect(server) as one:
        # the process's own sockets even root may not see in a container
        assert one.execute("SHOW listen_addresses").fetchone() == ("",)
    assert process.uids().effective != 0


def test_it_ends_with_all_its_processes(server: EmbeddedPostgres, filled: Path) -> None:
    """The postmaster's children too."""
    server.start(filled)
    assert server._process is not None
    family = psutil.Process(server._process.pid).children(recursive=True)
    assert family
    server.close()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


@pytest.mark.parametrize("damage", ["emptied", "cut"])
def test_a_broken_cache_is_made_anew(
    server: EmbeddedPostgres,
    filled: Path,
    tmp_path: Path,
    damage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With a warning, and the next run has a good one."""
    broken = tmp_path / "postgres-broken"
    shutil.copytree(filled, broken, symlinks=True)
    if damage == "emptied":
        shutil.rmtree(broken)
        broken.mkdir()
    else:
        (broken / "global" / "pg_control").write_bytes(b"")
    assert server.start(broken) is False
    assert not _has_kept(server)
    assert f"{broken} is of no use" in caplog.text
    server.save(broken)
    assert (broken / "global" / "pg_control").stat().st_size > 0
    _connect(server).close()


def test_a_cache_that_can_not_be_written_is_no_error(
    server: EmbeddedPostgres, filled: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on; the next one is slower."""
    server.start(filled)
    server.save(Path("/proc/no-such-place/postgres-1"))
    assert "not kept for the next run" in caplog.text
    assert _has_kept(server)


def test_no_room_is_said_with_the_place(
    server: EmbeddedPostgres, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is missing, and what to set."""
    server._data = Path("/proc/no-such-place")
    with pytest.raises(EnvironmentMissing, match="/proc/no-such-place") as raised:
        postgres._copy(filled, server._data)
    assert "TMPDIR" in raised.value.hint


def test_a_server_that_ends_has_its_last_words_told(
    server: EmbeddedPostgres, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote, and what to do instead."""
    monkeypatch.setitem(postgres._OPTIONS, "shared_buffers", "nonsense")
    with pytest.raises(EnvironmentMissing, match="nonsense") as raised:
        server.start(Path("/no/cache"))
    assert "doesn't start" in raised.value.message
    assert "QFC_HARNESS_DATABASE_URL" in raised.value.hint


def test_a_server_that_hangs_is_given_up(
    server: EmbeddedPostgres, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how long it was waited for."""
    monkeypatch.setattr(postgres, "START_TIMEOUT_S", 0.0)
    postgres._copy(filled, server._data)
    with pytest.raises(EnvironmentMissing, match="isn't ready after 0 s"):
        server._serve()


def test_a_server_that_ignores_its_end_ends_too(
    server: EmbeddedPostgres, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a shell started in the background ignores SIGQUIT until it has a handler."""
    before = signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    try:
        monkeypatch.setattr(postgres, "START_TIMEOUT_S", 0.0)
        postgres._copy(filled, server._data)
        with pytest.raises(EnvironmentMissing):
            server._serve()
        server.close()
    finally:
        signal.signal(signal.SIGQUIT, before)
    assert server._process is not None
    assert server._process.poll() is not None


def test_without_the_wheel_the_way_out_is_named(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of one's own."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    temporary = run.path.parent
    with pytest.raises(EnvironmentMissing, match="isn't installed") as raised:
        EmbeddedPostgres(Settings(temporary=temporary, cache=temporary), run)
    assert "QFC_HARNESS_DATABASE_URL" in raised.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server is another user's")
def test_a_place_that_it_can_not_enter_is_named(
    run: RunDirectory, short_tmp: Path
) -> None:
    """Root's own closed directory, with what to do about it."""
    closed = short_tmp / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EnvironmentMissing, match=f"can't enter {closed}") as raised:
        EmbeddedPostgres(Settings(temporary=closed, cache=closed), run)
    assert f"chmod o+x {closed}" in raised.value.hint
