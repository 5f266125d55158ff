"""A validation's page in a browser: what differs from a run's."""

import pytest
from report.validation import samples

from harness.preflight.model import Proof
from harness.report.validation.view import page

CAUSE = "QFV-304"
NO_GO = page(samples.no_go())
ALL = len(NO_GO.results)


@pytest.mark.parametrize(
    "name",
    ["go", "go-with-warnings", "no-go", "unreachable", "killed", "compared"],
)
def test_the_first_screen_needs_no_scrolling(browser, name):
    """Verdict, counts, blockers, comparison, cluster, command at 1280 by 720."""
    browser.open(f"validation-{name}")
    for part in (".verdict", ".counts", ".about", ".fingerprint summary", ".overview"):
        assert browser.in_view(part), part


def test_what_is_bad_is_open_and_what_follows_is_folded(browser):
    """Everything else is a line; nothing is hidden."""
    browser.open("validation-no-go")
    opened = browser.js(
        "$$('details.result[open]').map((one) => one.dataset.id)",
    )
    assert opened == ["QFV-304", "QFV-701", "QFV-951"]
    assert len(browser.shown) == ALL
    assert browser.text("#shown") == f"{ALL} of {ALL} shown"


QUERIES = {
    "s:fail": lambda one: one.slug == "fail",
    "s:fail c:real-jobs": lambda one: (
        one.slug == "fail" and one.result.category == "real jobs"
    ),
    "s:fail s:warn": lambda one: one.slug in ("fail", "warn"),
    "s:not-applicable": lambda one: one.slug == "not-applicable",
    "c:rights": lambda one: one.result.category == "rights",
    "p:real": lambda one: one.result.proof is Proof.REAL_JOB,
    "id:QFV-9": lambda one: one.result.id.startswith("QFV-9"),
    "id:qfv-304": lambda one: one.result.id == CAUSE,
    '"exceeded quota"': lambda one: one.result.id == CAUSE,
    "c:rights !s:pass": lambda one: False,
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_shows_the_checks_it_asks_for(browser, query):
    """By verdict, category, proof, id, and any text."""
    browser.open("validation-no-go")
    browser.press("/", *query)
    expected = sum(map(QUERIES[query], NO_GO.results.values()))
    assert len(browser.shown) == expected
    assert browser.text("#shown") == f"{expected} of {ALL} shown"
    assert browser.fragment == f"#q={query}"


@pytest.mark.parametrize(
    ("name", "key", "query", "shown"),
    [
        ("no-go", "f", "s:fail", 13),
        ("go-with-warnings", "w", "s:warn", 3),
        ("go-with-warnings", "u", "s:not-proven", 3),
    ],
)
def test_keys_filter_as_the_counts_do(browser, name, key, query, shown):
    """And `a` shows all again."""
    browser.open(f"validation-{name}")
    browser.press(key)
    assert browser.js("$('#query').value") == query
    assert len(browser.shown) == shown
    tile = f".count[data-toggle='{query}']"
    assert browser.js("$(arguments[0]).getAttribute('aria-pressed')", tile) == "true"
    browser.press("a")
    browser.click(tile)
    assert len(browser.shown) == shown


def test_a_blocker_leads_to_its_finding_and_to_its_evidence(browser):
    """By the mouse, and Back leads back."""
    browser.open("validation-no-go")
    browser.click(".reasons a")
    assert browser.fragment == f"#{CAUSE}"
    assert browser.focused == CAUSE
    assert browser.in_view(f"details:has(#{CAUSE}) > summary")
    browser.click(f"#{CAUSE} a[href^='#evidence']")
    assert browser.fragment.startswith("#evidence-0")
    assert browser.js("$('#evidence details').open")
    browser.back()
    assert browser.fragment == f"#{CAUSE}"


def test_a_link_opens_what_is_folded(browser):
    """A check that follows from another, from its cause."""
    browser.open("validation-no-go")
    browser.click(f"#{CAUSE} a[href='#QFV-902']")
    assert browser.js("$('details:has(#QFV-902)').open")
    assert browser.in_view("details:has(#QFV-902) > summary")


def test_an_address_opens_there(browser):
    """As it stands in a mail."""
    browser.open("validation-no-go", "#QFV-104")
    assert browser.js("$('details:has(#QFV-104)').open")
    assert browser.in_view("details:has(#QFV-104) > summary")


def test_n_and_p_walk_the_failures(browser):
    """Also those that are folded into their cause."""
    browser.open("validation-no-go")
    browser.press("n")
    assert browser.focused == CAUSE
    browser.press("n", "n")
    assert browser.focused == "QFV-901"
    browser.press("p")
    assert browser.focused == "QFV-701"


def test_summary_and_data_can_be_copied(browser):
    """As a text for a change request, and as validation.json."""
    browser.open("validation-no-go")
    copied = browser.js("$('[data-copy^=\"NO-GO\"]').dataset.copy")
    assert copied.startswith("NO-GO: 3 must be mended")
    assert "Blocker: QFV-304" in copied
    browser.click("[data-act='copy-data']")
    data = browser.js("JSON.parse($('#data').textContent)")
    assert data["decision"]["word"] == "NO-GO"


def test_help_names_the_keys_and_the_terms(browser):
    """Those of this page, not of a run's."""
    browser.open("validation-go")
    browser.press("?")
    said = browser.text("#help")
    assert "Show failed, warned, not proven, all" in said
    assert "c:rights of this category" in said
    assert "b:docker" not in said


def test_paper_has_verdict_blockers_and_signatures_on_page_one(browser):
    """On A4; failures are open, what passed is a line, evidence stays away."""
    browser.size(703, 1032)
    browser.media(kind="print")
    browser.open("validation-no-go")
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.js("$('.signatures').getBoundingClientRect().bottom") <= 1032
    for part in (".verdict", ".reasons", ".fingerprint tbody", ".signatures code"):
        assert browser.js("$(arguments[0]).getBoundingClientRect().height", part) > 0
    assert browser.js(f"$('#{CAUSE}').checkVisibility()")
    seen = "$$(arguments[0]).some((one) => one.checkVisibility())"
    assert not browser.js(seen, ".bar, .copy, dialog, .buttons, #evidence, #data")


def test_print_all_opens_everything(browser):
    """Then the browser's own dialog comes."""
    browser.open("validation-no-go")
    browser.js("(window.print = () => (window.printed = true))")
    browser.click("[data-act='print-all']")
    assert browser.js("window.printed && $$('details').every((one) => one.open)")


def test_without_script_all_is_there(browser):
    """Every check is shown, and a link opens what is folded."""
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    browser.open("validation-no-go")
    assert browser.js("document.documentElement.className") == ""
    assert len(browser.shown) == ALL
    seen = "$$(arguments[0]).filter((one) => one.checkVisibility()).length"
    assert browser.js(seen, ".js-only") == 0
    browser.click(".task a[href='#QFV-701']")
    assert browser.js("$('#QFV-701').checkVisibility()")
