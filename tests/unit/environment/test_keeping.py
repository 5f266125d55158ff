"""Environments that outlive a run: made once, used by many, removed alone."""

import dataclasses
import threading
from pathlib import Path

import pytest

from harness import upkeep
from harness.environment import keeping, registry
from harness.errors import EnvironmentMissing, UsageError
from harness.settings import Settings
from harness.standin import run_record


class Fake:
    """Makes a file, slowly."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.removed = 0
        self.fails = False

    def make(
        self, settings: Settings, directory: Path, keep_id: str, nodes: int
    ) -> None:
        """Begun first, so that it can fail half-way."""
        assert settings.state is None or settings.shared or run_record.alive(settings)
        self.made.append(keep_id)
        (directory / "begun").write_text(keep_id)
        if self.fails:
            raise EnvironmentMissing("it can't be made")
        (directory / "there").write_text(str(nodes))

    def state(self, settings: Settings, directory: Path) -> str:
        """Whether the file is there."""
        return "" if (directory / "there").exists() else "it is gone"

    def remove(self, settings: Settings, directory: Path) -> None:
        """Counted, where there was something."""
        self.removed += (directory / "begun").exists()
        for name in ("begun", "there"):
            (directory / name).unlink(missing_ok=True)


@pytest.fixture
def fake() -> Fake:
    """What is kept here."""
    return Fake()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a state directory of the test's own."""
    return Settings(temporary=tmp_path, cache=tmp_path, state=tmp_path / "state")


def test_it_is_made_once(settings: Settings, fake: Fake) -> None:
    """A second up finds it."""
    kept, new = keeping.up(settings, "fake", fake, 1)
    again, new_again = keeping.up(settings, "fake", fake, 1)
    assert (new, new_again) == (True, False)
    assert kept.id == again.id == fake.made[0]
    assert keeping.ids(settings) == {kept.id}
    assert kept.directory.stat().st_mode & 0o777 == 0o700
    assert run_record.alive(settings) == set()


def test_more_nodes_make_it_anew(settings: Settings, fake: Fake) -> None:
    """One that is big enough is left."""
    keeping.up(settings, "fake", fake, 1)
    kept, new = keeping.up(settings, "fake", fake, 2)
    assert (new, kept.nodes, fake.removed) == (True, 2, 1)
    assert keeping.up(settings, "fake", fake, 1)[1] is False


def test_what_fails_half_way_is_removed(settings: Settings, fake: Fake) -> None:
    """And doesn't count as kept."""
    fake.fails = True
    with pytest.raises(EnvironmentMissing):
        keeping.up(settings, "fake", fake, 1)
    assert fake.removed == 1
    assert keeping.look(settings, "fake", fake) is None


def test_runs_use_it_together_and_nobody_removes_it_meanwhile(
    settings: Settings, fake: Fake
) -> None:
    """``down`` says that it is in use."""
    kept, _ = keeping.up(settings, "fake", fake, 1)
    with (
        keeping.take(settings, "fake", fake, 1) as (first, note),
        keeping.take(settings, "fake", fake, 1) as (second, _),
    ):
        assert first == second == kept.directory
        assert kept.id in note
        found = keeping.look(settings, "fake", fake)
        assert found is not None
        assert found.in_use
        with pytest.raises(EnvironmentMissing, match="in use"):
            keeping.down(settings, "fake", fake)
    assert keeping.down(settings, "fake", fake) is True
    assert keeping.down(settings, "fake", fake) is False
    assert keeping.ids(settings) == set()


@pytest.mark.parametrize("trouble", ["broken", "small"])
def test_one_that_is_no_good_is_not_used(
    settings: Settings, fake: Fake, trouble: str
) -> None:
    """The run makes its own, and says why."""
    kept, _ = keeping.up(settings, "fake", fake, 1)
    if trouble == "broken":
        (kept.directory / "there").unlink()
    nodes = 2 if trouble == "small" else 1
    settings = dataclasses.replace(settings, least_nodes=nodes)
    with keeping.take(settings, "fake", fake, nodes) as (directory, note):
        assert directory is None
    words = {"broken": "it is gone", "small": "2 are needed"}[trouble]
    assert words in note


def test_one_that_is_too_small_for_some_is_used(settings: Settings, fake: Fake) -> None:
    """A run on it starts at once; what is skipped for that, and what helps, is said."""
    kept, _ = keeping.up(settings, "fake", fake, 1)
    with keeping.take(settings, "fake", fake, 2) as (directory, note):
        assert directory == kept.directory
    assert "scenarios that need 2 nodes are skipped" in note
    assert "`qfc-harness up fake --nodes 2`" in note


def test_without_a_kept_one_a_run_makes_its_own(settings: Settings, fake: Fake) -> None:
    """And there is nothing to say."""
    with keeping.take(settings, "fake", fake, 1) as taken:
        assert taken == (None, "")


def test_workers_of_one_session_share_one(settings: Settings, fake: Fake) -> None:
    """The first makes it, the others wait for it; it goes with the session."""
    found = []

    def worker(shared: Path) -> None:
        own = Settings(
            temporary=settings.temporary,
            cache=settings.cache,
            state=settings.state,
            shared=shared,
        )
        with keeping.take(own, "fake", fake, 1) as (directory, _):
            found.append(directory)

    with keeping.sharing(settings, {"fake": fake}) as shared:
        threads = [threading.Thread(target=worker, args=(shared,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(found) == {shared / "fake"}
        assert len(found) == 4
        assert fake.made == [(shared / "id").read_text()]
        assert fake.made[0] in run_record.alive(settings)
    assert fake.removed == 1
    assert not shared.exists()
    assert run_record.alive(settings) == set()


def test_what_a_dead_worker_began_is_made_anew(settings: Settings, fake: Fake) -> None:
    """Another worker comes after it."""
    with keeping.sharing(settings, {"fake": fake}) as shared:
        (shared / "fake").mkdir()
        (shared / "fake" / "begun").write_text("half")
        own = Settings(
            temporary=settings.temporary, cache=settings.cache, shared=shared
        )
        with keeping.take(own, "fake", fake, 1) as (directory, _):
            assert directory is not None
            assert (directory / "there").exists()
        assert fake.removed == 1  # the half one


def test_the_commands_say_what_they_did(
    settings: Settings, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """up, status, down."""
    monkeypatch.setattr(registry, "KEEPERS", {"fake": fake})
    said: list[str] = []
    upkeep.up(settings, "", 1, said.append)
    upkeep.status(settings, said.append)
    upkeep.down(settings, "fake", said.append)
    upkeep.down(settings, "fake", said.append)
    assert said[0].startswith(f"made: fake: ready; id {fake.made[0]}")
    assert said[1].startswith("fake: ready")
    assert said[2:] == [
        "runs that go on: none",
        "fake: removed",
        "fake: none was kept",
    ]


def test_nothing_that_can_be_kept_is_exit_code_3(
    settings: Settings, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With each reason; an unknown name is a mistake."""
    monkeypatch.setattr(registry, "KEEPERS", {"fake": fake})
    fake.fails = True
    said: list[str] = []
    with pytest.raises(EnvironmentMissing, match="No environment can be kept"):
        upkeep.up(settings, "", 1, said.append)
    assert said == ["fake: it can't be made"]
    with pytest.raises(UsageError, match="nothing can be kept of it"):
        upkeep.down(settings, "simulated", said.append)


def test_a_state_directory_that_can_not_be_made(tmp_path: Path, fake: Fake) -> None:
    """To look needs none; to keep something does, and says which variable."""
    (tmp_path / "file").write_text("")
    found = Settings(temporary=tmp_path, cache=tmp_path, state=tmp_path / "file")
    assert keeping.look(found, "fake", fake) is None
    with pytest.raises(EnvironmentMissing, match="can't be made") as caught:
        keeping.up(found, "fake", fake, 1)
    assert "QFC_HARNESS_STATE" in caught.value.hint
