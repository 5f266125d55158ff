"""Links, keys and buttons: how a reader gets about."""

import time

import pytest

FAILED = "c-package-trees-kubernetes-simulated"
PASSED = "c-exit-code-3-docker-simulated"


def test_a_slot_of_the_matrix_leads_to_the_finding(browser):
    """The cell is open, its first finding in view, its line has the focus."""
    browser.open("one-of-each")
    browser.click(f".slot[href='#{FAILED}']")
    assert browser.fragment == f"#{FAILED}"
    assert browser.focused == FAILED
    assert browser.in_view(f"[id='f-{FAILED[2:]}-1']")
    assert "The Role lacks the rule" in browser.text(f"[id='f-{FAILED[2:]}-1']")


def test_a_link_opens_a_folded_cell(browser):
    """A passed one is closed until somebody asks for it."""
    browser.open("one-of-each")
    assert not browser.js("$(arguments[0]).checkVisibility()", f"#{PASSED}")
    browser.click(f".slot[href='#{PASSED}']")
    assert browser.js("$(arguments[0]).checkVisibility()", f"#{PASSED}")


def test_back_returns_to_where_the_link_was(browser):
    """The address and the place on the page."""
    browser.open("one-of-each")
    browser.click(f".slot[href='#{FAILED}']")
    assert browser.js("scrollY") > 500
    browser.back()
    assert browser.fragment == ""
    assert browser.js("scrollY") < 50


def test_a_link_keeps_the_filter(browser):
    """The place is added to the address."""
    browser.open("one-of-each")
    browser.click(".chip.fail")
    browser.click(f".task a[href='#{FAILED}']")
    assert browser.fragment == f"#q=s:fail&at={FAILED}"
    assert len(browser.shown) == 3


def test_a_link_to_a_hidden_cell_clears_the_filter_and_says_so(browser):
    """It isn't dead, and nothing happens in silence."""
    browser.open("one-of-each")
    browser.click(".chip.error")
    browser.click(f".task a[href='#{FAILED}']")
    assert browser.focused == FAILED
    assert len(browser.shown) == 25
    assert "cleared" in browser.text("#toast")


def test_a_findings_check_leads_to_all_checks(browser):
    """Where its counts are."""
    browser.open("one-of-each")
    browser.click(f"#{FAILED} .finding .check")
    assert browser.in_view("[id='k-rbac.denied']")


def test_j_and_k_walk_the_cells(browser):
    """From the first on, over those that are shown."""
    browser.open("one-of-each")
    order = browser.shown
    browser.press("j")
    assert browser.focused == order[0]
    browser.press("j", "j")
    assert browser.focused == order[2]
    browser.press("k")
    assert browser.focused == order[1]


def test_the_ends_are_told(browser):
    """Before the first and after the last there is nothing, and it says so."""
    browser.open("one-of-each")
    browser.press("j", "k")
    assert browser.text("#toast") == "This was the first one."


def test_n_and_p_walk_the_failures(browser):
    """Harness errors and failed cells, opened."""
    browser.open("one-of-each")
    browser.press("n")
    assert browser.focused == "c-secrets-pgservice-kubernetes-simulated"
    browser.press("n")
    assert browser.focused == FAILED
    assert browser.in_view(f"details:has(#{FAILED}) > summary")
    browser.press("p")
    assert browser.focused == "c-secrets-pgservice-kubernetes-simulated"


def test_enter_opens_and_closes(browser):
    """The cell that has the focus."""
    browser.open("one-of-each")
    browser.press("j", "ENTER")
    first = browser.shown[0]
    opened = "$(arguments[0]).closest('details').open"
    assert browser.js(opened, f"#{first}")
    browser.press("ENTER")
    assert not browser.js(opened, f"#{first}")


@pytest.mark.parametrize(
    ("key", "query", "shown"), [("f", "s:fail", 3), ("u", "s:not-proven", 1)]
)
def test_f_and_u_filter_and_a_shows_all(browser, key, query, shown):
    """As the chips do."""
    browser.open("one-of-each")
    browser.press(key)
    assert browser.js("$('#query').value") == query
    assert len(browser.shown) == shown
    browser.press("a")
    assert len(browser.shown) == 25


def test_slash_goes_to_the_filter_and_escape_leaves_it(browser):
    """Keys are text inside it, and keys again outside."""
    browser.open("one-of-each")
    browser.press("/", *"fun")
    assert browser.js("$('#query').value") == "fun"
    browser.press("ESCAPE")
    assert browser.js("document.activeElement === document.body")
    browser.press("a")
    assert browser.js("$('#query').value") == ""


def test_question_mark_shows_help_and_escape_closes_it(browser):
    """Keys don't reach the page below it."""
    browser.open("one-of-each")
    browser.press("?")
    assert browser.js("$('#help').open")
    assert "Next and previous failure" in browser.text("#help")
    browser.press("f")
    assert len(browser.shown) == 25
    browser.press("ESCAPE")
    assert not browser.js("$('#help').open")


def test_keys_with_a_modifier_are_the_browsers(browser):
    """Control-f is not a filter."""
    browser.open("one-of-each")
    browser.js(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'f', ctrlKey: true, bubbles: true}))"
    )
    assert len(browser.shown) == 25


@pytest.mark.parametrize("key", ["a", "j", "k", "n", "p", "?"])
def test_a_key_has_a_button_that_says_it(browser, key):
    """What a key does can be seen and clicked."""
    browser.open("one-of-each")
    assert browser.js(
        "$(`[aria-keyshortcuts='${arguments[0]}']`).checkVisibility()", key
    )


def test_the_buttons_walk_as_the_keys_do(browser):
    """Next failure twice is the second failure."""
    browser.open("one-of-each")
    browser.click("[data-act='next-failure']")
    browser.click("[data-act='next-failure']")
    assert browser.js("currentCell.last.querySelector('.cell-body').id") == FAILED


def test_y_copies_the_link_to_the_cell(browser):
    """The whole address, which opens there."""
    browser.open("one-of-each")
    browser.press("n", "n", "y")
    assert said(browser) == "Link copied."
    assert pasted(browser).endswith(f"one-of-each.html#{FAILED}")


def test_a_command_can_be_copied(browser):
    """As one line."""
    browser.open("one-of-each")
    browser.click(f"#{FAILED} .command button")
    assert said(browser) == "Copied."
    assert pasted(browser) == (
        "qfc-harness run scenarios/smoke/package-trees.yaml "
        "--backend kubernetes --environment simulated"
    )


def said(browser) -> str:
    """What the page says, when it says something: copying takes its time."""
    deadline = time.monotonic() + 5
    while not (words := browser.text("#toast")) and time.monotonic() < deadline:
        time.sleep(0.02)
    return words


def pasted(browser) -> str:
    """What is in the clipboard, put into the filter as a reader would."""
    browser.js("queryBox.focus(), queryBox.select()")
    browser.paste()
    return browser.js("queryBox.value")


def test_a_mark_on_the_time_axis_tells_what_it_is(browser):
    """The mouse shows it; a click shows its row in the table."""
    browser.open("one-of-each")
    mark = f"#{FAILED} .lanes rect.bad"
    browser.js("$(arguments[0]).scrollIntoView({block: 'center'})", mark)
    browser.point(mark)
    tip = browser.text(f"#{FAILED} .tip")
    assert tip.startswith("1.350 s · api · GET /api/v1/namespaces/qfc-4f2a/pods")
    assert "403" in tip
    browser.click(mark)
    assert browser.js("$(arguments[0]).checkVisibility()", f"#{FAILED} tr.at")
