"""A headless Chromium, one for the session, and the sample reports as files.

Chromium and its driver come from the system (``apt-get install chromium
chromium-driver``), selenium from the extra ``browser``. Where one is missing the tests
are not run; with ``QFC_REQUIRE_BROWSER=1`` that is a failure.
"""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from .chromium import Chromium

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from report import samples
from report.validation import samples as validations

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_collection_modifyitems(items):
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def installed() -> tuple[str, str]:
    """The browser and its driver."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    lacks = [
        what
        for what, there in (
            ("chromium", browser),
            ("chromedriver", driver),
            ("selenium (extra: browser)", importlib.util.find_spec("selenium")),
            ("axe (extra: browser)", importlib.util.find_spec("selenium_axe_python")),
        )
        if not there
    ]
    if lacks:
        reason = f"not run: {', '.join(lacks)} not installed"
        if os.environ.get("QFC_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    assert browser
    assert driver
    return browser, driver


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Writes a sample's page when it is first asked for; answers its path."""
    directory = tmp_path_factory.mktemp("pages")

    def page(name: str) -> Path:
        path = directory / f"{name}.html"
        if not path.exists():
            path.write_text(_text(name), encoding="utf-8")
        return path

    return page


def _text(name: str) -> str:
    """The page of a run's sample, or of a validation's."""
    if name.startswith("validation-"):
        return validations.page(name)
    return samples.html(samples.SAMPLES[name]())


@pytest.fixture(scope="session")
def chromium(installed, pages, tmp_path_factory):
    """The running browser."""
    with Chromium(*installed, tmp_path_factory.mktemp("profile"), pages) as running:
        yield running


@pytest.fixture
def browser(chromium):
    """The browser in a light theme at 1280 by 720; fails on any console message."""
    chromium.reset()
    yield chromium
    assert chromium.console() == []
