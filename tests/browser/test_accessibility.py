"""axe-core's rules on every view, in both themes."""

import importlib.resources

import pytest

AXE = "axe-core/axe.min.js"
STEPS = {
    "as it opens": "",
    "all open": "$$('details').forEach((one) => (one.open = true))",
    "filtered": "go('s:fail', '')",
    "nothing found": "go('zzzzz', '')",
    "help": "$('#help').showModal()",
}

OTHERS = (
    "few",
    "hostile",
    "none-run",
    "interrupted",
    "validation-compared",
    "validation-hostile",
    "validation-killed",
)


def violations(browser) -> list[str]:
    """What axe finds, and where."""
    script = importlib.resources.files("selenium_axe_python").joinpath(AXE)
    browser.js(f"(() => {{ {script.read_text(encoding='utf-8')} }})()")
    found = browser.wait_for("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary')}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", STEPS)
@pytest.mark.parametrize("name", ["few", "validation-no-go"])
def test_axe_finds_nothing(browser, theme, view, name):
    """On samples that have every verdict."""
    browser.media(theme=theme)
    browser.open(name)
    if STEPS[view]:
        browser.js(STEPS[view])
    assert violations(browser) == []


@pytest.mark.parametrize("name", OTHERS)
def test_axe_finds_nothing_in_other_reports(browser, name):
    """Everything open, on a narrow screen."""
    browser.size(400, 800)
    browser.open(name)
    browser.js(STEPS["all open"])
    assert violations(browser) == []


def test_axe_finds_what_is_wrong(browser):
    """A check that can't fail is no check: grey on grey is found."""
    browser.open("none-run")
    browser.js("$('.sentence').style.setProperty('color', '#999')")
    assert any(one.startswith("color-contrast") for one in violations(browser))
