"""Tests of the file system that a container sees."""

from pathlib import Path

import pytest

from harness.simulator.runtime.filesystem import (
    Bind,
    Directory,
    Layer,
    Link,
    RootTree,
    Tmpfs,
)


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A small image: /usr with bin, lib and a link."""
    usr = tmp_path / "usr"
    (usr / "bin").mkdir(parents=True)
    (usr / "bin" / "tool").write_text("#!/bin/sh\n")
    (usr / "bin" / "alias").symlink_to("tool")
    (usr / "bin" / "absolute").symlink_to("/usr/bin/tool")
    (usr / "lib").mkdir()
    (usr / "lib64").symlink_to("lib")
    return usr


def paths(tree: RootTree) -> list[str]:
    """What is made, in order."""
    return [path for path, _ in tree.items()]


def test_parents_come_first() -> None:
    """A mount within another is made after it, whatever the order of adding."""
    tree = RootTree()
    tree.add("/io/sub/deep", Tmpfs(0))
    tree.add("/a", Directory())
    assert paths(tree) == ["/", "/a", "/io", "/io/sub", "/io/sub/deep"]


def test_mount_within_a_layer_that_has_its_place(layer: Path) -> None:
    """An existing directory can be mounted on: the layer stays whole."""
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    tree.add("/usr/lib", Bind(Path("/data"), read_only=True))
    assert paths(tree) == ["/", "/usr", "/usr/lib"]


def test_mount_within_a_layer_that_has_no_place(layer: Path) -> None:
    """The layer is opened: its children are bound, and the place is made."""
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    tree.add("/usr/src/app", Bind(Path("/data"), read_only=False))
    entries = dict(tree.items())
    assert entries["/usr"] == Directory()
    assert entries["/usr/bin"] == Layer(layer / "bin")
    assert entries["/usr/lib64"] == Link("lib")
    assert entries["/usr/src"] == Directory()
    assert entries["/usr/src/app"] == Bind(Path("/data"), read_only=False)


def test_bind_is_never_opened(tmp_path: Path) -> None:
    """What belongs to somebody isn't taken apart: the place is made in it."""
    tree = RootTree()
    tree.add("/io", Bind(tmp_path, read_only=False))
    tree.add("/io/new", Tmpfs(0))
    assert paths(tree) == ["/", "/io", "/io/new"]


def test_later_entry_hides_what_was_below(layer: Path) -> None:
    """As a mount does."""
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    tree.add("/usr/src/app", Directory())
    tree.add("/usr", Tmpfs(0))
    assert paths(tree) == ["/", "/usr"]


def test_folder_has_a_writable_top(layer: Path) -> None:
    """Each child is a layer, so that programs can make files beside them."""
    tree = RootTree()
    tree.add_folder("/work", layer)
    assert dict(tree.items())["/work"] == Directory()
    assert tree.resolve("/work/bin/tool").source == layer / "bin" / "tool"


def test_folder_at_the_root_keeps_the_system(layer: Path) -> None:
    """An image whose working directory is / adds to what is there."""
    tree = RootTree()
    tree.add("/etc", Directory())
    tree.add_folder("/", layer)
    assert {"/", "/bin", "/etc", "/lib", "/lib64"} == set(paths(tree))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/usr/bin/tool", "bin/tool"),
        ("/usr/bin/alias", "bin/tool"),
        ("/usr/bin/absolute", "bin/tool"),
        ("/bin/tool", "bin/tool"),
        ("/usr/./lib/../bin//tool", "bin/tool"),
        ("/usr/lib64", "lib"),
        ("/../../usr/bin/tool", "bin/tool"),
    ],
)
def test_resolve(layer: Path, path: str, found: str) -> None:
    """Links lead where they lead within the container."""
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    tree.add("/bin", Link("usr/bin"))
    assert tree.resolve(path).source == layer / found
    assert tree.resolve(path).exists


def test_resolve_from_a_directory(layer: Path) -> None:
    """A relative path starts at the working directory."""
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    assert tree.resolve("./tool", cwd="/usr/bin").exists
    assert tree.resolve("../lib", cwd="/usr/bin").is_dir
    assert not tree.resolve("tool", cwd="/usr/lib").exists


def test_resolve_what_is_not_there(layer: Path) -> None:
    """A missing file is an answer, not an error."""
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    assert not tree.resolve("/usr/bin/nope").exists
    assert not tree.resolve("/nope/deep/er").exists


def test_resolve_never_leaves_the_container(layer: Path) -> None:
    """An absolute link isn't followed on this machine."""
    (layer / "bin" / "out").symlink_to("/proc/version")
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    assert not tree.resolve("/usr/bin/out").exists


def test_resolve_through_a_file(layer: Path) -> None:
    """ENOTDIR, as a system call says."""
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    with pytest.raises(NotADirectoryError):
        tree.resolve("/usr/bin/tool/x")


def test_resolve_a_circle(layer: Path) -> None:
    """ELOOP, as a system call says."""
    (layer / "bin" / "round").symlink_to("round")
    tree = RootTree()
    tree.add("/usr", Layer(layer))
    with pytest.raises(OSError, match="Too many levels"):
        tree.resolve("/usr/bin/round")


def test_copy_is_independent() -> None:
    """What all images share is laid out once."""
    first = RootTree()
    second = RootTree(first)
    second.add("/x", Directory())
    assert paths(first) == ["/"]
