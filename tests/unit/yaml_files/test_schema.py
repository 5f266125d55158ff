"""What a scenario file may say."""

import typing

import pydantic
import pytest

from harness.scenario import schema, script

from .texts import scenario


def _models() -> list[type[pydantic.BaseModel]]:
    """Every model that is part of a scenario."""
    found: dict[type[pydantic.BaseModel], None] = {}

    def walk(annotation: object) -> None:
        if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
            if annotation not in found:
                found[annotation] = None
                for field in annotation.model_fields.values():
                    walk(field.annotation)
            return
        for inner in typing.get_args(annotation):
            walk(inner)

    walk(schema.Scenario)
    return list(found)


def _id(model: type) -> str:
    """Its name; `-k` takes cells by the word that the top one has."""
    return "Top" if model is schema.Scenario else model.__name__


@pytest.mark.parametrize("model", _models(), ids=_id)
def test_models_are_closed_and_frozen(model: type[pydantic.BaseModel]) -> None:
    """An unknown key is a mistake everywhere, and no value changes."""
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True


@pytest.mark.parametrize("model", _models(), ids=_id)
def test_models_have_a_docstring(model: type[pydantic.BaseModel]) -> None:
    """It is the description that editors show."""
    assert model.__doc__


@pytest.mark.parametrize(
    "model",
    [schema.Scenario, schema.Given, schema.Expect, schema.Job, schema.Event],
    ids=_id,
)
def test_keys_are_described(model: type[pydantic.BaseModel]) -> None:
    """Editors show it while somebody writes."""
    assert [
        one for one, field in model.model_fields.items() if not field.description
    ] == []


def test_a_worker_is_the_real_job_unless_it_is_scripted() -> None:
    """`worker: job` is the default."""
    assert scenario().worker == "job"
    scripted = scenario(worker="{exit_code: 3}").worker
    assert isinstance(scripted, script.Script)
    assert scripted.as_json() == {"exit_code": 3}


def test_a_value_may_differ_between_backends() -> None:
    """As a mapping with the backends' names."""
    read = scenario(expect="{status: failed, error_type: {docker: A, kubernetes: B}}")
    assert read.expect.error_type == schema.PerBackend(docker="A", kubernetes="B")


def test_a_number_of_the_configuration_keeps_its_type() -> None:
    """600 is no text, and "1g" is no number."""
    read = scenario(
        given='{config: {WORKER_TIMEOUT_S: 5, WORKER_QGIS_MEMORY_LIMIT: "1g"}}'
    )
    assert read.given.config == {
        "WORKER_TIMEOUT_S": 5,
        "WORKER_QGIS_MEMORY_LIMIT": "1g",
    }
