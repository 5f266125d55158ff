"""Sphinx: these pages as a site, built by `tox -e docs`; a warning is an error.

Nothing is loaded from other hosts. The pages are also read as they are, on a forge, so
that they link to the READMEs beside the code; for the site these are copied into
`docs/elsewhere`, and the links to them are led there.
"""

import os
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
ELSEWHERE = HERE / "elsewhere"
COPIES = {
    HERE.parent / source: ELSEWHERE / f"{name}.md"
    for name, source in {
        "readme": "README.md",
        "contributing": "CONTRIBUTING.md",
        "changelog": "CHANGELOG.md",
        "scenarios": "scenarios/README.md",
        "manifests": "k8s-manifests/README.md",
        "wrapper": "worker_wrapper/README.md",
        "migration-guide": "worker_wrapper/K8S_MIGRATION_GUIDE.md",
    }.items()
}
LINK = re.compile(r"\]\((?!\w+:|#|/)([^)\s#]+)(#[^)\s]*)?\)")

project = "QFieldCloud worker harness"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = project
html_show_sphinx = False
html_copy_source = False
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
nitpicky = True


def led(text: str, before: Path, after: Path) -> str:
    """The text with its links as they have to be in another folder."""

    def link(found: "re.Match[str]") -> str:
        target = (before / found[1]).resolve()
        there = COPIES.get(target, target)
        if there.is_dir():  # a site has no page of a folder
            there = COPIES.get(there / "README.md", HERE / "index.md")
        return f"]({os.path.relpath(there, after)}{found[2] or ''})"

    return LINK.sub(link, text)


def _read(_app: object, name: str, source: list[str]) -> None:
    if not name.startswith("elsewhere/"):
        folder = (HERE / name).parent
        source[0] = led(source[0], folder, folder)


def setup(app: object) -> None:
    """Copy the pages from elsewhere, before Sphinx looks for its sources."""
    ELSEWHERE.mkdir(exist_ok=True)
    for source, copy in COPIES.items():
        text = source.read_text(encoding="utf-8")
        copy.write_text(led(text, source.parent, ELSEWHERE), encoding="utf-8")
    app.connect("source-read", _read)  # type: ignore[attr-defined]
