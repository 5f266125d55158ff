"""Tests of finding a container's program."""

from pathlib import Path

import pytest

from harness.simulator.runtime import StartError, StartFailure
from harness.simulator.runtime.filesystem import Directory, Layer, RootTree
from harness.simulator.runtime.program import check_cwd, find, kernel_refusal


@pytest.fixture
def tree(tmp_path: Path) -> RootTree:
    """Two folders of programs, and a few other files."""
    for name, text in {
        "first/tool": "#!/bin/sh\n",
        "second/tool": "#!/bin/sh\n",
        "second/only": "#!/bin/sh\n",
        "first/elf": "\x7fELF…",
        "first/junk": "just text",
        "first/lost": "#!/no/such/interpreter -x\n",
        "first/blank": "#!\n",
        "bin/sh": "\x7fELF…",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    (tmp_path / "first" / "plain").write_text("no program")
    (tmp_path / "first" / "only").write_text("no program")
    tree = RootTree()
    for name in ("first", "second", "bin"):
        tree.add(f"/{name}", Layer(tmp_path / name))
    tree.add("/work", Directory())
    return tree


ENV = {"PATH": "/first:/second"}


def test_first_in_path(tree: RootTree) -> None:
    """A bare name is looked up in the container's own PATH, in order."""
    assert find(tree, "tool", env=ENV, cwd="/").path == "/first/tool"
    assert find(tree, "tool", env={"PATH": "/second"}, cwd="/").path == "/second/tool"


def test_what_cannot_be_run_is_passed_over(tree: RootTree) -> None:
    """A file without permission doesn't hide the next one."""
    assert find(tree, "only", env=ENV, cwd="/").path == "/second/only"


def test_path_with_a_slash(tree: RootTree) -> None:
    """It is taken from the working directory, whatever PATH says."""
    assert find(tree, "./tool", env={}, cwd="/second").place.path == "/second/tool"
    assert find(tree, "/first/tool", env={}, cwd="/").path == "/first/tool"


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("/nope", StartFailure.NOT_FOUND, "stat /nope: no such file or directory"),
        ("./nope", StartFailure.NOT_FOUND, "stat ./nope: no such file or directory"),
        ("/first/tool/x", StartFailure.NOT_FOUND, "stat .*: not a directory"),
        ("nope", StartFailure.NOT_IN_PATH, "executable file not found in \\$PATH"),
        ("", StartFailure.NOT_IN_PATH, "executable file not found in \\$PATH"),
        ("/first/plain", StartFailure.NOT_EXECUTABLE, "permission denied"),
        ("/first", StartFailure.IS_DIRECTORY, "is a directory"),
    ],
)
def test_told_apart(tree: RootTree, name: str, kind: StartFailure, text: str) -> None:
    """Each reason has a kind of its own, and runc's words."""
    with pytest.raises(StartError, match=text) as caught:
        find(tree, name, env=ENV, cwd="/work")
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("tool", None),
        ("elf", None),
        ("junk", "exec /first/junk: exec format error"),
        ("blank", "exec /first/blank: exec format error"),
        ("lost", "exec /first/lost: no such file or directory"),
    ],
)
def test_kernel_refusal(tree: RootTree, name: str, refusal: str | None) -> None:
    """What only execve would find out, in the words that runc prints."""
    assert kernel_refusal(tree, find(tree, name, env=ENV, cwd="/")) == refusal


def test_working_directory_is_a_file(tree: RootTree) -> None:
    """A directory, or one that can be made, is fine; a file isn't."""
    check_cwd(tree, "/work")
    check_cwd(tree, "/new")
    with pytest.raises(StartError) as caught:
        check_cwd(tree, "/first/tool")
    assert caught.value.kind is StartFailure.BAD_CWD
