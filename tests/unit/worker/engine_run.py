"""Runs one engine over every project and deltafile: ``engine_run.py ENGINE FOLDER``.

A program of its own, because QGIS lives in the system's Python. It leaves what the
engine made, and ``<what>.json`` with what it said, for ``test_engines_agree``.
"""

import json
import shutil
import sys
from pathlib import Path

FIXTURES = Path(__file__).parents[3] / "fixtures"
sys.path.insert(0, str(FIXTURES / "worker"))

from qfc_worker import delta_apply, deltafile, seed, xlsform  # noqa: E402
from qfc_worker.engine import Engine, choose  # noqa: E402

QGIS_FILES = {
    "trees": "trees.qgs",
    "parcels": "parcels.qgs",
    "survey": "survey.qgz",
    "odd-names": "-Bäume $(HOME).qgs",
    "datum": "datum.qgs",
    "broken": "broken.qgs",
}


def main(name: str, target: Path) -> None:
    """All that an engine can do."""
    engine = choose(name)
    engine.start()
    try:
        for project, file in QGIS_FILES.items():
            run_project(engine, project, file, target)
        for path in sorted((FIXTURES / "deltas").glob("*.json")):
            run_deltas(engine, path, target)
        for name in ("seed-layers", "seed-xlsform"):
            run_seed(engine, FIXTURES / "projects" / name, target)
    finally:
        engine.stop()


def run_project(engine: Engine, name: str, file: str, target: Path) -> None:
    """Details, thumbnail, package."""
    source, package = target / name / "project", target / name / "package"
    shutil.copytree(FIXTURES / "projects" / name, source)
    package.mkdir()
    project = engine.open(source / file)
    project.draw(target / name / "thumbnail.png")
    dump(target / name / "details.json", project.details())
    offliner = "pythonmini" if name == "parcels" else "qgiscore"
    packaged = project.package(package, offliner)
    dump(target / name / "layers.json", engine.open(packaged).layers_data())


def run_deltas(engine: Engine, path: Path, target: Path) -> None:
    """A deltafile on a fresh copy of its project."""
    name = path.stem.partition("-")[0]
    folder = target / f"deltas-{path.stem}"
    shutil.copytree(FIXTURES / "projects" / name, folder / "project")
    project = engine.open(folder / "project" / QGIS_FILES[name])
    application = delta_apply.Application(
        project, deltafile.load(path), overwrite=False
    )
    dump(folder / "outcomes.json", application.run())


def run_seed(engine: Engine, source: Path, target: Path) -> None:
    """A project made from a seed."""
    folder = target / source.name
    folder.mkdir()
    plan = seed.read(json.loads((source / "seed.json").read_text("utf-8")))
    if (source / "form.xlsx").exists():
        plan = xlsform.add_layer(plan, source / "form.xlsx")
    made = engine.create(plan, folder)
    dump(folder / "details.json", engine.open(made).details())


def dump(path: Path, value: object) -> None:
    """As JSON."""
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
