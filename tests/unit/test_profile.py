"""A profile that can't be used is told by its name, its key and what would be right."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.subject import profile


def test_a_missing_profile_is_named(tmp_path: Path) -> None:
    """As the option that names it, and without Python's words."""
    with pytest.raises(UsageError) as raised:
        profile.load(tmp_path / "nope.yaml")
    told = f"--profile {tmp_path}/nope.yaml: it can't be read: No such file"
    assert str(raised.value).startswith(told)
    assert "docs/testing-your-wrapper.md" in raised.value.hint


def test_an_unknown_key_is_told_with_the_right_one(tmp_path: Path) -> None:
    """And with all that are known."""
    path = tmp_path / "p.yaml"
    path.write_text("clases: {package: A}\n")
    with pytest.raises(UsageError) as raised:
        profile.load(path)
    told = f"{path}: clases: unknown key; did you mean classes?"
    assert told in str(raised.value)
    assert "modules" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("node_directories: [srv/io]", "'srv/io' is no absolute path"),
        ('environ: {A: "{io_clam}"}', "{io_clam} is not filled in; did you mean io_cl"),
        ("- modules", "a profile is a mapping"),
        ("backends: [podman]", "backends.0: Input should be 'docker' or 'kubernetes'"),
    ],
)
def test_a_wrong_value_is_told(tmp_path: Path, text: str, told: str) -> None:
    """Before anything is run; with no other key in its place."""
    path = tmp_path / "p.yaml"
    path.write_text(f"{text}\n")
    with pytest.raises(UsageError) as raised:
        profile.load(path)
    assert told in str(raised.value)
    assert "did you mean backends" not in str(raised.value)


def test_other_braces_are_the_wrappers_own(tmp_path: Path) -> None:
    """JSON, or a template of its own."""
    path = tmp_path / "p.yaml"
    path.write_text("""settings: {A: '{"x": 1} {job_name} {io_claim}'}\n""")
    assert profile.load(path).settings["A"].startswith('{"x"')
