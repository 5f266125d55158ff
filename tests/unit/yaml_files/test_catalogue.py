"""What there is: the generated list, the JSON schema, the listing."""

import json
from pathlib import Path

import pytest

from harness import resources
from harness.scenario import catalogue, load

from .texts import text


@pytest.fixture
def loaded(tmp_path: Path) -> list[load.Loaded]:
    """Two files in two folders."""
    for folder, name in (("b", "two"), ("a", "one")):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / f"{name}.yaml"
        file.write_text(text(name=name, description=f"It shows {name} | more."))
    return load.load([tmp_path])


def test_the_list_has_a_table_for_each_folder(
    loaded: list[load.Loaded], tmp_path: Path
) -> None:
    """Sorted, each row linked to its file."""
    lines = catalogue.markdown(loaded, tmp_path).splitlines()
    assert [line for line in lines if line.startswith("## ")] == ["## a", "## b"]
    assert (
        r"| [one](a/one.yaml) | docker, kubernetes | It shows one \| more. |" in lines
    )


def test_files_elsewhere_are_listed_by_their_own_path(
    loaded: list[load.Loaded],
) -> None:
    """A folder of one's own lies below no root."""
    written = catalogue.markdown(loaded, resources.scenarios())
    assert str(loaded[0].path) in written


def test_the_listing_is_data(loaded: list[load.Loaded]) -> None:
    """Names, tags and needs, for a program."""
    listed = json.loads(catalogue.listing(loaded))
    assert [one["name"] for one in listed] == ["one", "two"]
    assert listed[0]["backends"] == ["docker", "kubernetes"]


def test_the_schema_names_its_dialect() -> None:
    """Editors need it to choose their rules."""
    schema = json.loads(catalogue.json_schema())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert {"name", "job", "expect"} <= set(schema["required"])


def test_every_file_names_the_schema() -> None:
    """On its first line, by a path that is right."""
    for one in load.load([resources.scenarios()]):
        first = one.path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        named = one.path.parent / first.partition("$schema=")[2]
        assert named.resolve() == resources.scenarios() / "scenario.schema.json"
