"""A run's report: no secret in it, annotations beside it, and written anew."""

import json

from .conftest import Place

VALUE = "hunter2-hunter2-hunter2"
LEAK = f"""\
name: it-leaks
description: A worker that prints a secret.
tags: [quick]
given: {{secrets: [{{name: LEAK, type: envvar, value: {VALUE}}}]}}
job: {{type: process_projectfile}}
worker: {{exit_code: 0, log: {{lines: ["it is {VALUE}"]}}}}
expect: {{status: finished}}
"""


def test_a_secret_in_a_log_is_masked_told_and_annotated(place: Place):
    """The check fails for it, and the report names it without its value."""
    scenario = place.write("leak.yaml", LEAK)
    told = ("--backend", "docker", "--report-dir", "r", "--junit", "own.xml")
    code, out, errors = place.run("run", scenario, *told, "--github")
    assert code == 1, out + errors
    report = place.here / "r"
    texts = [one.read_text("utf-8") for one in report.iterdir()]
    assert len(texts) == 3
    assert not [one for one in (*texts, out, errors) if VALUE in one]
    (cell,) = json.loads((report / "report.json").read_text("utf-8"))["cells"]
    assert "LEAK" in {one["name"] for one in cell["masked"]}
    assert "Secret values masked here" in (report / "report.html").read_text("utf-8")
    assert "::error title=it-leaks-docker-simulated%3A secrets.plain-sight::" in out
    own = (place.here / "own.xml").read_bytes()
    assert own == (report / "junit.xml").read_bytes()
    page = (report / "report.html").read_bytes()
    (report / "report.html").unlink()
    assert place.run("report", "r/report.json")[0] == 1
    assert (report / "report.html").read_bytes() == page


def test_a_secret_that_nobody_masked_stops_the_writing(place: Place):
    """Here it stands in the scenario's own description; exit 4, and no file."""
    text = LEAK.replace("prints a secret", f"prints {VALUE}")
    scenario = place.write("leak.yaml", text)
    told = ("--backend", "docker", "--report-dir", "r")
    code, out, errors = place.run("run", scenario, *told)
    assert code == 4
    assert "The value of LEAK would stand in report.json" in errors
    assert VALUE not in out + errors
    assert list((place.here / "r").iterdir()) == []
