"""What each setting may say, and what is answered to the rest."""

from pathlib import Path

import pytest

from worker_wrapper import setting_values as values


def test_whole_numbers_have_bounds():
    """The message names them."""
    convert = values.whole(1, 10)
    assert [convert("1"), convert(10)] == [1, 10]
    for wrong in ("0", "11", "-1", "1.5", "x", "", "²"):
        with pytest.raises(ValueError, match="from 1 to 10"):
            convert(wrong)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1", True), ("Yes", True), (True, True), ("off", False), (" FALSE ", False)],
)
def test_yes_and_no_in_the_usual_words(written, meant):
    """As environment variables have them."""
    assert values.boolean(written) is meant


def test_another_word_is_neither():
    """``bool("maybe")`` would be true."""
    with pytest.raises(ValueError, match="neither true nor false"):
        values.boolean("maybe")


def test_a_word_of_a_choice():
    """In any case; what isn't known is answered with what is."""
    convert = values.one_of({"docker": "docker", "k8s": "kubernetes"})
    assert convert(" K8s ") == "kubernetes"
    with pytest.raises(ValueError, match="Write one of docker, k8s"):
        convert("podman")


def test_a_path_is_absolute():
    """A relative one would depend on where the wrapper was started."""
    assert values.absolute("/io") == Path("/io")
    with pytest.raises(ValueError, match="not an absolute path"):
        values.absolute("io")


def test_json_of_a_type():
    """What it stands for is taken as it is, as Django settings have it."""
    convert = values.parsed(dict, '{"a": 1}')
    assert convert('{"b": 2}') == convert({"b": 2}) == {"b": 2}
    with pytest.raises(ValueError, match=r"not a JSON object.*\{\"a\": 1\}"):
        convert("[]")
    with pytest.raises(ValueError, match="not JSON"):
        convert("{'a': 1}")


def test_labels_are_legal():
    """Illegal ones are answered with the nearest legal one."""
    assert values.labels('{"example.org/team": "gis"}') == {"example.org/team": "gis"}
    with pytest.raises(ValueError, match="can't be a label's value") as caught:
        values.labels('{"team": "GIS & maps"}')
    assert "'GIS-maps-" in str(caught.value)


def test_annotations_are_texts():
    """Their values may be anything, if it is a text."""
    assert values.texts('{"a": "b & c"}') == {"a": "b & c"}
    with pytest.raises(ValueError, match='Write "a": "1"'):
        values.texts('{"a": 1}')
    with pytest.raises(ValueError, match="not a name that Kubernetes takes"):
        values.texts('{"a b": "c"}')


def test_tolerations_are_a_list_of_objects():
    """As a pod's manifest has them."""
    one = {"key": "gis", "operator": "Exists"}
    assert values.tolerations([one]) == (one,)
    with pytest.raises(ValueError, match="is no toleration"):
        values.tolerations('["gis"]')
    with pytest.raises(ValueError, match="not a JSON array"):
        values.tolerations('{"key": "gis"}')


@pytest.mark.parametrize("name", ["io", "a-b.c", "x1"])
def test_names_of_objects(name):
    """With spaces around them, as they slip in."""
    assert values.object_name(f" {name} ") == name


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a.", "a" * 254, "a b"])
def test_a_name_that_kubernetes_refuses(name):
    """Before the first job does."""
    with pytest.raises(ValueError, match="can't be the name of a Kubernetes object"):
        values.object_name(name)


def test_several_names():
    """Separated by commas; a stray comma is no name."""
    assert values.object_names("a, b,") == ("a", "b")
    assert values.object_names(["a"]) == ("a",)


def test_a_port_and_an_id():
    """Bounds of the kernel's types."""
    assert values.port("5678") == 5678
    assert values.identifier("0") == 0
    with pytest.raises(ValueError, match="65535"):
        values.port("0")
    with pytest.raises(ValueError, match="whole number"):
        values.identifier("-1")
