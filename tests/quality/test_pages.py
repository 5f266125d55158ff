"""The pages: links lead somewhere, and commands are ones that there are."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from harness import cli

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in (
        *("*.md", "docs/*.md", "docs/reference/*.md", "fixtures/*/README.md"),
        *("k8s-manifests/*.md", "worker_wrapper/*.md"),
    )
    for path in REPOSITORY.glob(pattern)
)
# docs/elsewhere is made by Sphinx, of pages that are looked at where they stand
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def links(text: str) -> list[str]:
    """The relative targets of a page's links."""
    found = LINK.findall(FENCE.sub("", text))
    return [one for one in found if not re.match(r"[a-z]+:", one)]


def anchors(text: str) -> set[str]:
    """The headings of a page, as GitHub makes anchors of them."""
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", head.lower()) for head in heads]
    return {head.strip().replace(" ", "-") for head in plain}


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    text, wrong = page.read_text(encoding="utf-8"), []
    for link in links(text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (
            anchor and anchor not in anchors(target.read_text(encoding="utf-8"))
        ):
            wrong.append(link)
    return wrong


def commands(text: str) -> list[str]:
    """The commands of our own in a page's sh blocks."""
    return [
        line.split("#")[0].split(" | ")[0].strip()
        for block in BLOCK.findall(text)
        for line in block.splitlines()
        if line.startswith("qfc-harness ")
    ]


def named(page: str) -> str:
    """As an id: `pytest -k scenario` selects cells, and nothing else."""
    return page.replace("scenario", "file")


COMMANDS = [
    pytest.param(command, id=f"{named(page)}-{number}")
    for page in PAGES
    for number, command in enumerate(commands((REPOSITORY / page).read_text()))
]


def exit_code(command: str) -> int:
    """A command line, parsed as the command does: ``--help`` keeps it from running."""
    _, *arguments = shlex.split(command)
    return CliRunner().invoke(cli.app, [*arguments, "--help"]).exit_code


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: str):
    """To a file, a folder or a heading of this repository."""
    assert broken(REPOSITORY / page) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_parses(command: str):
    """Its name and its options are ones that there are."""
    assert exit_code(command) == 0


def test_the_shell_takes_every_block():
    """The syntax of all of them; CI runs the README's first two."""
    blocks = [
        block
        for page in PAGES
        for block in BLOCK.findall((REPOSITORY / page).read_text())
    ]
    assert len(blocks) > 3
    for block in blocks:
        ended = subprocess.run(
            ["sh", "-n"], input=block, text=True, capture_output=True
        )
        assert ended.returncode == 0, f"{block}\n{ended.stderr}"


def test_ci_finds_the_commands_of_the_readme():
    """The README's first two blocks are single lines that make an environment."""
    first, second = BLOCK.findall((REPOSITORY / "README.md").read_text())[:2]
    for block, last in ((first, "qfc-harness run scenarios/smoke"), (second, "-n 2")):
        assert block.startswith("python3 -m venv")
        assert block.count("\n") == 1
        assert block.strip().endswith(last)


def test_a_broken_link_is_found(tmp_path: Path):
    """A file and a heading that aren't there; other sites are not asked."""
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`\n[a](no.md) [b](page.md) [c](#one-two) [d](#three)\n"
        "[e](https://example.org/x)\n```\n[f](in-a-block.md)\n```\n"
    )
    assert broken(page) == ["no.md", "#three"]


@pytest.mark.parametrize(
    "command", ["qfc-harness rnu", "qfc-harness run --bakcend docker"]
)
def test_a_command_that_there_is_not_is_found(command: str):
    """Neither its name nor its options may be misspelt."""
    assert exit_code(command) == 2


def test_the_example_workflow_keeps_the_report():
    """Its commands are ones that there are, and the report is kept if they fail."""
    path = REPOSITORY / "docs" / "examples" / "workflow.yml"
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    for job in jobs.values():
        runs = [step["run"] for step in job["steps"] if "run" in step]
        ours = [line for line in runs if line.startswith("qfc-harness ")]
        assert ours
        assert [exit_code(line) for line in ours] == [0] * len(ours)
        (kept,) = (step for step in job["steps"] if "upload-artifact" in str(step))
        assert kept["if"] == "always()"
        assert f"--report-dir {kept['with']['path']}" in ours[-1]
