"""Reading XLSForms."""

import zipfile
from pathlib import Path

import pytest
from qfc_worker import xlsform
from qfc_worker.errors import UnableToContinueError
from qfc_worker.layer_editing import Kind
from qfc_worker.project_plan import PlannedLayer, ProjectPlan

from .conftest import FIXTURES

FORM = FIXTURES / "projects" / "seed-xlsform" / "form.xlsx"
OTHER = PlannedLayer(name="other", geometry="Polygon", crs="EPSG:4326")


def test_questions_become_fields() -> None:
    """Type, label, choices and the place; a note is no field."""
    plan = xlsform.add_layer(ProjectPlan(title="t", crs="EPSG:4326"), FORM)
    (layer,) = plan.layers
    assert (layer.name, layer.geometry, layer.crs) == ("benches", "Point", "EPSG:4326")
    fields = {field.name: field for field in layer.fields}
    assert list(fields) == ["state", "seats", "length", "seen", "photo"]
    assert fields["state"].values == {
        "good": "good as new",
        "worn": "worn",
        "gone": "not there any more",
    }
    assert fields["state"].required
    assert not fields["seats"].required
    assert fields["seats"].kind is Kind.INTEGER
    assert fields["length"].kind is Kind.REAL
    assert fields["seen"].kind is Kind.DATE
    assert fields["photo"].attachment
    assert fields["length"].label == "Length in m"


def test_the_seeds_own_layers_stay() -> None:
    """The form's layer lies above them."""
    plan = ProjectPlan(title="t", crs="EPSG:4326", layers=[OTHER])
    names = [layer.name for layer in xlsform.add_layer(plan, FORM).layers]
    assert names == ["benches", "other"]


def test_what_is_no_form(tmp_path: Path) -> None:
    """A text file and an archive of something else are refused by name."""
    plan = ProjectPlan(title="t", crs="EPSG:4326")
    text = tmp_path / "a.xlsx"
    text.write_text("type,name\n")
    with pytest.raises(UnableToContinueError, match=r"a\.xlsx"):
        xlsform.add_layer(plan, text)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("a.txt", "")
    with pytest.raises(UnableToContinueError, match=r"b\.xlsx"):
        xlsform.add_layer(plan, tmp_path / "b.xlsx")
