"""The pages as a site: as `tox -e docs` builds it, and without another host."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
MISSING = [
    name
    for name in ("sphinx", "myst_parser", "furo")
    if not importlib.util.find_spec(name)
]
pytestmark = [
    pytest.mark.docs,
    pytest.mark.skipif(
        bool(MISSING) and os.environ.get("QFC_REQUIRE_DOCS") != "1",
        reason=f"not installed (extra: docs): {', '.join(MISSING)}",
    ),
]
LOADS = re.compile(
    r"<(?:script|img|iframe)[^>]+src=\"(?:https?:)?//|url\((?:https?:)?//"
)
LINK = re.compile(r"<link[^>]+href=\"(?:https?:)?//[^>]*>")


def built(pages: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """As tox does it."""
    options = ["-q", "-W", "--keep-going", "-n", "-b", "html"]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(pages), str(place)],
        capture_output=True,
        text=True,
    )


def test_the_site_is_built_without_a_warning(tmp_path: Path):
    """A page that no table of contents has, and a link that leads nowhere, are ones."""
    done = built(REPOSITORY / "docs", tmp_path)
    assert done.returncode == 0, done.stderr
    files = [*tmp_path.rglob("*.html"), *tmp_path.rglob("*.css")]
    assert len(files) > 20
    loading = [
        one.name
        for one in files
        if LOADS.search(text := one.read_text(encoding="utf-8")) or LINK.search(text)
    ]
    assert loading == []


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path):
    """Otherwise the test above would see nothing."""
    pages = tmp_path / "docs"
    pages.mkdir()
    (tmp_path / "README.md").write_text("# Readme\n")
    conf = (REPOSITORY / "docs" / "conf.py").read_text(encoding="utf-8")
    (pages / "conf.py").write_text(
        re.sub(r'^ +"(?!readme).*\.md",\n', "", conf, flags=re.M)
    )
    (pages / "index.md").write_text("# Pages\n\n[a](no-such.md)\n")
    done = built(pages, tmp_path / "html")
    assert done.returncode != 0
    assert "no-such.md" in done.stderr
    shutil.rmtree(pages / "elsewhere")
