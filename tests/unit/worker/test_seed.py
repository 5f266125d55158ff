"""Reading seeds."""

import json
from typing import Any

import pytest
from qfc_worker import project_plan, seed
from qfc_worker.errors import UnableToContinueError
from qfc_worker.layer_editing import Kind

from .conftest import FIXTURES


def test_committed_seed() -> None:
    """Layers, fields and basemaps are taken over."""
    file = FIXTURES / "projects" / "seed-layers" / "seed.json"
    plan = seed.read(json.loads(file.read_text("utf-8")))
    project_plan.check(plan)
    assert plan.title == "Frühjahrsbegehung"
    assert [layer.geometry for layer in plan.layers] == ["Point", "LineString"]
    kinds = {field.name: field.kind for field in plan.layers[0].fields}
    assert kinds["anzahl"] is Kind.INTEGER
    assert kinds["am"] is Kind.DATE
    assert plan.layers[0].fields[0].values == {"F": "Falter", "K": "Käfer"}
    assert plan.layers[0].fields[-1].attachment
    assert plan.basemaps[0].url.endswith("{z}/{x}/{y}.png")


def test_empty_seed() -> None:
    """Every key has a default; the server's own keys do no harm."""
    plan = seed.read({"project": "an id", "xlsform_file": None})
    assert (plan.title, plan.crs) == ("New project", "EPSG:3857")
    assert (plan.extent, plan.layers, plan.basemaps) == (None, [], [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"name": 3}, "seed.name = 3"),
        ({"extent": [1, 2, 3]}, "extent = "),
        ({"extent": [10, 0, 5, 1]}, "west < east"),
        ({"layers": {}, "basemaps": "x"}, "seed.basemaps = 'x'"),
        ({"layers": [{"geometry": "Point"}]}, r"layers\[0\]\.name"),
        ({"layers": [{"name": "a", "geometry": "Circle"}]}, "one of Point, LineString"),
        (
            {"layers": [{"name": "a", "fields": [{"name": "b", "type": "blob"}]}]},
            r"layers\[0\]\.fields\[0\]\.type = 'blob'",
        ),
        ({"basemaps": [{"name": "a", "url": "file:///etc"}]}, "http or https"),
    ],
)
def test_wrong_seeds(content: dict[str, Any], said: str) -> None:
    """The error names the key, its value and what would be right."""
    with pytest.raises(UnableToContinueError, match=said):
        seed.read(content)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([{"name": "A"}, {"name": "a"}], 'two layers named "a"'),
        ([{"name": "A"}], '"A" has neither geometry nor fields'),
        (
            [{"name": "A", "fields": [{"name": "FID"}]}],
            'two fields named "FID" .fid and',
        ),
    ],
)
def test_plans_that_no_database_can_have(layers: list[Any], said: str) -> None:
    """Names are compared without case, also with the columns every table has."""
    with pytest.raises(UnableToContinueError, match=said):
        project_plan.check(seed.read({"layers": layers}))
