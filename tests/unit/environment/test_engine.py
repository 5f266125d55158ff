"""Where the engine is, as the docker command would find it."""

import hashlib
import json
from pathlib import Path

import pytest

from harness.environment import engine
from harness.errors import EnvironmentMissing
from harness.settings import Settings


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The docker command's own directory, empty."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    folder = tmp_path / ".docker"
    folder.mkdir()
    return folder


def settings(tmp_path: Path, docker_host: str = "") -> Settings:
    """With what the variable says."""
    return Settings(temporary=tmp_path, cache=tmp_path, docker_host=docker_host)


def use_context(folder: Path, host: str) -> None:
    """``docker context create desktop … && docker context use desktop``."""
    digest = hashlib.sha256(b"desktop").hexdigest()
    meta = folder / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    content = {
        "Name": "desktop",
        "Metadata": {},
        "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}},
    }
    (meta / "meta.json").write_text(json.dumps(content))
    (folder / "config.json").write_text(json.dumps({"currentContext": "desktop"}))


def test_the_usual_place(tmp_path: Path, docker_config: Path) -> None:
    """Where nothing says otherwise."""
    assert engine.socket(settings(tmp_path)) == Path("/var/run/docker.sock")


def test_a_context(tmp_path: Path, docker_config: Path) -> None:
    """As Docker Desktop makes one."""
    use_context(docker_config, "unix:///home/me/.docker/desktop/docker.sock")
    assert engine.socket(settings(tmp_path)).parts[-2:] == ("desktop", "docker.sock")


def test_the_variable_comes_first(tmp_path: Path, docker_config: Path) -> None:
    """DOCKER_HOST wins, as in the docker command."""
    use_context(docker_config, "unix:///elsewhere.sock")
    found = engine.socket(settings(tmp_path, "unix:///here.sock"))
    assert found == Path("/here.sock")


def test_another_machine_is_refused(tmp_path: Path, docker_config: Path) -> None:
    """Workers share directories with the harness."""
    use_context(docker_config, "tcp://build.example:2376")
    with pytest.raises(EnvironmentMissing, match=r"at tcp://build\.example:2376"):
        engine.socket(settings(tmp_path))


def test_a_context_that_cannot_be_read_is_none(
    tmp_path: Path, docker_config: Path
) -> None:
    """Somebody's broken file is no mistake of the harness."""
    (docker_config / "config.json").write_text("{")
    assert engine.socket(settings(tmp_path)) == Path("/var/run/docker.sock")
