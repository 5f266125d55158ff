"""Filter, chips, count and address."""

import pytest

ALL = 25


def count(browser) -> str:
    """What is said beside the filter."""
    return browser.text("#shown")


def test_nothing_is_hidden_at_first(browser):
    """Not proven and skipped cells neither."""
    browser.open("one-of-each")
    assert len(browser.shown) == ALL
    assert count(browser) == "25 of 25 shown"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("s:fail", 3),
        ("s:failed", 3),
        ("s:fail s:error", 4),
        ("s:fail b:kubernetes e:kind_cluster", 1),
        ("s:not-proven", 1),
        ("s:not_proven", 1),
        ("b:docker", 9),
        ("!b:docker", 16),
        ("e:simulated", 16),
        ("t:package", 3),
        ("c:rbac", 2),
        ("c:RBAC.denied b:kub", 2),
        ('"step 11: layer trees"', 23),
        ("lacks the rule", 2),
        ("LACKS !e:kind", 1),
        ("x:y", 0),
        ("zzzzz", 0),
    ],
)
def test_a_query_shows_the_cells_it_asks_for(browser, query, expected):
    """In the list and in the matrix, and says how many."""
    browser.open("one-of-each")
    browser.click("#query")
    browser.press(*query)
    assert len(browser.shown) == expected
    assert count(browser) == f"{expected} of 25 shown"
    slots = (
        "$$('.slot').filter((one) => one.checkVisibility({visibilityProperty: true}))"
    )
    assert browser.js(f"{slots}.length") == expected
    assert browser.fragment == f"#q={query}"


def test_no_match_says_so_and_shows_the_way_back(browser):
    """With a button."""
    browser.open("one-of-each")
    browser.click("#query")
    browser.press(*"zzzzz")
    assert "No cell matches" in browser.text("#nothing")
    browser.click("#nothing button")
    assert len(browser.shown) == ALL
    assert browser.js("$('#query').value") == ""


@pytest.mark.parametrize("control", [".count.fail", ".chip.fail"])
def test_a_chip_toggles_its_term(browser, control):
    """It is pressed as long as its term is in the filter."""
    browser.open("one-of-each")
    browser.click(control)
    assert len(browser.shown) == 3
    assert browser.js("$('#query').value") == "s:fail"
    pressed = "$(arguments[0]).getAttribute('aria-pressed')"
    assert browser.js(pressed, control) == "true"
    browser.click(control)
    assert len(browser.shown) == ALL
    assert browser.js(pressed, control) == "false"


def test_chips_of_one_kind_widen_and_of_two_narrow(browser):
    """Failed or not proven; of these, Docker's."""
    browser.open("one-of-each")
    browser.click(".chip.fail")
    browser.click(".chip.not-proven")
    assert len(browser.shown) == 4
    browser.click(".chip[data-toggle='b:docker']")
    assert browser.shown == ["c-worker-given-docker-simulated"]
    assert browser.fragment == "#q=s:fail s:not-proven b:docker"


def test_a_tag_is_a_filter(browser):
    """At its scenario."""
    browser.open("one-of-each")
    browser.click(".tag[data-toggle='t:memory']")
    assert len(browser.shown) == 3


def test_a_checks_count_shows_its_cells(browser):
    """In the table of all checks."""
    browser.open("one-of-each")
    browser.click("[id='k-rbac.denied'] button")
    assert browser.shown == [
        "c-package-trees-kubernetes-simulated",
        "c-package-trees-kubernetes-kind_cluster",
    ]


def test_back_undoes_a_filter(browser):
    """Step by step, to the state before."""
    browser.open("one-of-each")
    browser.click(".chip.fail")
    browser.click(".chip[data-toggle='b:kubernetes']")
    assert len(browser.shown) == 3
    browser.click(".chip.not-applicable")
    assert len(browser.shown) == 3
    browser.back()
    browser.back()
    assert browser.fragment == "#q=s:fail"
    browser.back()
    assert browser.fragment == ""
    assert len(browser.shown) == ALL
    assert browser.js("$('.chip.fail').getAttribute('aria-pressed')") == "false"


def test_typing_makes_no_history(browser):
    """One Back leaves all that was typed."""
    browser.open("one-of-each")
    browser.click(".chip.fail")
    browser.click("#query")
    browser.press("END", *" b:kub")
    assert browser.fragment == "#q=s:fail b:kub"
    browser.back()
    assert browser.fragment == ""


def test_an_address_brings_back_filter_and_place(browser):
    """A link that somebody sent."""
    anchor = "c-package-trees-kubernetes-simulated"
    browser.open("one-of-each", f"#q=s%3Afail&at={anchor}")
    assert len(browser.shown) == 3
    assert browser.js("$('#query').value") == "s:fail"
    assert browser.focused == anchor
    assert browser.in_view(f"details:has(#{anchor}) > summary")


def test_a_folded_part_of_the_matrix_opens_for_a_filter(browser):
    """What is asked for isn't left folded."""
    browser.open("large")
    browser.click(".chip.pass")
    assert browser.js("$('.rest').open")


def test_a_broken_address_is_no_error(browser):
    """A percent sign that escapes nothing, a target that isn't there."""
    browser.open("one-of-each", "#q=%&at=%E0%A4%A")
    assert browser.js("$('#query').value") == "%"
    browser.open("one-of-each", "#c-nowhere")
    assert len(browser.shown) == ALL
