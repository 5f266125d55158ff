"""Bad input: what is wrong, where, what to do, the exit code, and nothing left."""

import pytest
from typer.testing import CliRunner

from harness import cli

from .conftest import QUICK, Place

REFUSED = "postgresql://nobody@127.0.0.1:1/x"


def said(place: Place, monkeypatch: pytest.MonkeyPatch, *arguments: str):
    """What ``qfc-harness run`` refuses before anything is started."""
    monkeypatch.chdir(place.here)
    result = CliRunner().invoke(cli.app, ["run", *arguments])
    assert "Traceback" not in result.output
    assert place.left() == []
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            QUICK.replace("expect:", "exepct:"),
            ["bad.yaml:6: exepct", "did you mean `expect`?", "nothing was run"],
        ),
        (
            QUICK + "given: {busy: perhaps}\n",
            ["bad.yaml:7: given.busy", "should be a valid boolean, not 'perhaps'"],
        ),
        (
            QUICK + "given: {project: tress}\n",
            ["bad.yaml:7: given.project", "no project 'tress'", "There are: broken"],
        ),
        ("a: [b\n", ["bad.yaml", "nothing was run"]),
    ],
    ids=["unknown key", "wrong type", "missing project", "not YAML"],
)
def test_a_mistake_in_a_file(
    place: Place, monkeypatch: pytest.MonkeyPatch, wrong: str, words: list[str]
):
    """File, line and key, and the correction."""
    code, output = said(place, monkeypatch, place.write("bad.yaml", wrong))
    assert code == 2
    for word in words:
        assert word in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-file.yaml"], ["no-such-file.yaml", "scenarios list"]),
        (["-k", "nothing-like-it"], ["nothing-like-it", "scenarios list"]),
        (["-k", "(a and"], ["(a and", "package and not docker"]),
        (["--backend", "podman"], ["podman", "docker", "kubernetes"]),
        (["--worker-image", "foo"], ["--worker-image", "only a real environment"]),
        (["--environment", "mars"], ["mars", "simulated", "kind_cluster"]),
        (["--subject", "no/such.py"], ["no/such.py", "a Python file"]),
        (["--subject", "no_such_module"], ["no_such_module", "Name a folder"]),
        (["--subject", "text.txt"], ["text.txt", "ends in .py"]),
        (["--profile", "profile.yaml"], ["profile.yaml: clases", "did you mean class"]),
        (["--report-dir", "text.txt"], ["--report-dir text.txt", "another place"]),
        (["--junit", "."], ["--junit .", "Name a file"]),
        (["--wrapper", "pods"], ["--wrapper pods", "pod or host"]),
        (["--kubeconfig", "x"], ["--kubeconfig", "Add --environment kubeconfig"]),
    ],
    ids=lambda value: " ".join(value) if value[0][:1] == "-" else value[0],
)
def test_an_option_that_is_wrong(
    place: Place, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: list
):
    """It is named with what it could be."""
    place.write("text.txt", "no Python\n")
    place.write("profile.yaml", "clases: {}\n")
    code, output = said(place, monkeypatch, *arguments)
    assert code == 2
    for word in words:
        assert word in output.replace("\n", " ").replace("│", "")


def test_a_real_environment_is_required(place: Place, monkeypatch: pytest.MonkeyPatch):
    """A simulated one doesn't do."""
    code, output = said(place, monkeypatch, "--require", "real")
    assert code == 3
    assert "is simulated, and the real thing is required" in output
    assert "qfc-harness doctor" in output


def test_a_subject_that_does_not_import(place: Place):
    """A finding with its own words, not a failure of the harness.

    A scenario that needs what the environment lacks is skipped beside it, with the
    reason.
    """
    place.write("quick.yaml", QUICK)
    other = QUICK.replace("quick-one", "other-one")
    place.write("needs.yaml", other + "needs: [real_limits]\n")
    place.write("broken.py", "import no_such_wheel\n")
    names = ("quick.yaml", "needs.yaml")
    code, out, errors = place.run(
        "run", *names, "--backend", "docker", "--subject", "broken.py"
    )
    assert code == 1, errors
    assert "FAIL subject.loads" in out
    assert "ModuleNotFoundError: No module named 'no_such_wheel'" in out
    assert "- skipped other-one-docker-simulated" in out
    assert "1 skipped, 1 failed" in out
    page = (place.here / ".qfc-harness/latest/report.html").read_text()
    assert "limits are only simulated here" in page
    assert place.left() == []


def test_a_database_that_is_not_there(place: Place):
    """The variable is named, and what to do with it."""
    code, _, errors = place.run(
        "run", place.write("quick.yaml", QUICK), QFC_HARNESS_DATABASE_URL=REFUSED
    )
    assert code == 3
    assert "QFC_HARNESS_DATABASE_URL can't be used" in errors
    assert "Connection refused" in errors
    assert "unset it to use the embedded PostgreSQL" in errors
    assert "Traceback" not in errors
    assert place.left() == []


def test_a_path_that_is_too_long_for_sockets(place: Place):
    """Said at once; later it would be a riddle."""
    long = place.temporary / ("x" * 90)
    long.mkdir()
    code, _, errors = place.run(
        "run", place.write("quick.yaml", QUICK), TMPDIR=str(long)
    )
    assert code == 3
    assert "path is too long" in errors
    assert "Set TMPDIR" in errors
    assert list(long.iterdir()) == []


def test_a_namespace_that_no_cluster_takes():
    """Told here, not by ``kubectl apply`` when half of it is applied."""
    arguments = ["manifests", "render", "--namespace", "Bad_NS"]
    result = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert result.exit_code == 2
    assert "--namespace Bad_NS: no namespace can have this name" in result.output
