"""Where scenarios, fixtures and manifests lie."""

from pathlib import Path

import pytest

from harness import resources


def test_a_checkout_has_all_of_it() -> None:
    """Each folder is there and holds what its name says."""
    assert list(resources.scenarios().rglob("*.yaml"))
    assert (resources.fixture("qfieldcloud_app") / "manage.py").is_file()
    assert (resources.manifests() / "base" / "kustomization.yaml").is_file()


def test_what_the_wheel_carries_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed package has no checkout around it."""
    package = tmp_path / "harness"
    (package / "_data").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.scenarios() == package / "_data" / "scenarios"


def test_without_it_the_checkout_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that holds the package."""
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "harness")
    assert resources.fixture("deltas") == tmp_path / "fixtures" / "deltas"


def test_the_wheel_carries_each_folder() -> None:
    """What `resources` names is what the build hook packs."""
    hook = (resources.root() / "hatch_build.py").read_text(encoding="utf-8")
    for folder in ("scenarios", "fixtures", "k8s-manifests"):
        assert f'"{folder}"' in hook
