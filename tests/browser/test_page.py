"""The page as it opens: on a screen, on a narrow one, on paper, without a script."""

import pytest

THEMES = ("light", "dark")
SAMPLES = (
    "all-passed",
    "all-real",
    "one-of-each",
    "hostile",
    "large",
    "everything-failed",
    "none-run",
    "interrupted",
    "validation-go",
    "validation-hostile",
    "validation-large",
)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_opens_from_a_file_and_asks_for_nothing(browser, name):
    """No console message (the fixture looks), no request, no dialog."""
    browser.open(name)
    assert browser.js("performance.getEntriesByType('resource').length") == 0
    assert browser.js("document.documentElement.className") == "js"


def test_hostile_text_makes_no_element_and_runs_nothing(browser):
    """The text of a subject is text, whatever it says."""
    browser.open("hostile")
    assert browser.js("document.images.length") == 0
    assert browser.js("document.scripts.length") == 1
    assert "<script>alert(1)</script>" in browser.text("h3")


@pytest.mark.parametrize("name", ["one-of-each", "all-passed", "all-real"])
def test_the_first_screen_needs_no_scrolling(browser, name):
    """Verdict, counts, subject, environments, command and matrix at 1280 by 720."""
    browser.open(name)
    for part in (".verdict", ".counts", ".about", ".fingerprint summary", ".matrix"):
        assert browser.in_view(part), part


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_is_followed(browser, theme):
    """The ground is light or dark, as the reader's system asks."""
    browser.media(theme=theme)
    browser.open("one-of-each")
    colour = browser.js("getComputedStyle(document.body).backgroundColor")
    red = int(colour.removeprefix("rgb(").split(",")[0])
    assert (red > 200) == (theme == "light")


@pytest.mark.parametrize(
    "name",
    ["one-of-each", "hostile", "large", "validation-no-go", "validation-hostile"],
)
def test_nothing_is_wider_than_a_narrow_screen(browser, name):
    """At 400 pixels only tables and logs scroll sideways, in themselves."""
    browser.size(400, 800)
    browser.open(name)
    browser.js("$$('details').forEach((one) => (one.open = true))")
    assert browser.js("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize("name", ["large", "validation-large"])
def test_200_cells_open_in_a_second(browser, name):
    """Parsing, layout and script; time of CPU, as a busy machine is no fault."""
    spent = []
    for _ in range(3):
        with browser.new_tab():
            browser.open(name)
            spent.append(browser.work())
    assert 0 < min(spent) <= 1


def test_filtering_200_cells_by_text_takes_no_time(browser):
    """The first search reads all the text: the logs that 16 cells carry."""
    with browser.new_tab():
        browser.open("large")
        before = browser.work()
        browser.js("applyFilter('layer trees'), document.body.offsetHeight")
        assert 0 < browser.work() - before <= 0.5
        assert len(browser.shown) == 16


def test_paper_has_verdict_fingerprint_and_matrix_on_page_one(browser):
    """On A4 with the page's own margins of 12 mm."""
    browser.size(703, 1032)
    browser.media(kind="print")
    browser.open("one-of-each")
    assert browser.js("$('.first-screen').getBoundingClientRect().bottom") <= 1032
    for part in (".verdict", ".fingerprint tbody", ".matrix"):
        assert browser.js("$(arguments[0]).getBoundingClientRect().height", part) > 0
    assert browser.js("getComputedStyle($('#tasks')).breakBefore") == "page"


def test_paper_has_failures_open_and_no_controls(browser):
    """What passed is a line; filter, buttons and help are not printed."""
    browser.size(703, 1032)
    browser.media(kind="print")
    browser.open("one-of-each")
    assert browser.js("$('.cell.fail .finding').checkVisibility()")
    assert not browser.js("$('.cell.pass[open]')")
    seen = "$$(arguments[0]).some((one) => one.checkVisibility())"
    assert not browser.js(seen, ".bar, .copy, dialog, .skip-link")


def test_paper_unfolds_the_matrix(browser):
    """Rows that a screen folds are printed, and folded again."""
    browser.open("large")
    assert not browser.js("$('.rest').open")
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.js("$('.rest').open && $('.fingerprint').open")
    browser.js("dispatchEvent(new Event('afterprint'))")
    assert not browser.js("$('.rest').open || $('.fingerprint').open")


@pytest.fixture
def without_script(browser):
    """The page's own script doesn't run; DevTools still look."""
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    yield browser
    browser.command("Emulation.setScriptExecutionDisabled", value=False)


def test_without_script_all_is_there(without_script):
    """Every cell is shown, and no control that would do nothing."""
    without_script.open("one-of-each")
    assert without_script.js("document.documentElement.className") == ""
    assert len(without_script.shown) == 25
    seen = "$$(arguments[0]).filter((one) => one.checkVisibility()).length"
    assert without_script.js(seen, ".js-only") == 0
    assert without_script.js(seen, "button:not(:disabled)") == 0
    assert without_script.js(seen, ".cell.fail .finding") >= 4


def test_without_script_a_link_opens_what_is_folded(without_script):
    """A passed cell, from the matrix."""
    without_script.open("one-of-each")
    target = "#c-exit-code-3-docker-simulated"
    without_script.click(f".slot[href='{target}']")
    assert without_script.js("$(arguments[0]).checkVisibility()", target)
    assert without_script.in_view(f"{target} .command")
