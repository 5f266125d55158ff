"""The page as a text: whole, escaped, self-contained, within its budget."""

import base64
import dataclasses
import hashlib
import re
import time

import pytest

from harness.expectations.finding import Verdict
from harness.report.html import html

from . import given, samples
from .reading import Page, words
from .validation import samples as validations

LIMIT = 2_000_000
NAMES = [*sorted(samples.SAMPLES), *validations.PAGES]


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    """Every sample, written and read once."""
    runs = {name: Page(html(make())) for name, make in samples.SAMPLES.items()}
    return {**runs, **{name: Page(text) for name, text in validations.pages().items()}}


@pytest.mark.parametrize("name", NAMES)
def test_every_element_is_closed(pages, name):
    """No text of a run opens or closes an element."""
    assert pages[name].unclosed == []


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique(pages, name):
    """Also where two scenarios or cells have the same name."""
    ids = [
        one.attributes["id"] for one in pages[name].elements if "id" in one.attributes
    ]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z0-9_.~-]+", one) for one in ids)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_has_its_target(pages, name):
    """A link within the page leads to an id; there is no other link."""
    ids = {one.attributes.get("id") for one in pages[name].elements}
    links = [one.attributes["href"] for one in pages[name].all("a")]
    uses = [one.attributes["href"] for one in pages[name].all("use")]
    assert links
    assert all(one.startswith("#") for one in links + uses)
    assert {one[1:] for one in links + uses} <= ids


@pytest.mark.parametrize("name", NAMES)
def test_labels_name_what_is_there(pages, name):
    """What aria-labelledby and aria-describedby point at exists."""
    ids = {one.attributes.get("id") for one in pages[name].elements}
    named = {
        value
        for one in pages[name].elements
        for key in ("aria-labelledby", "aria-describedby", "for")
        if (value := one.attributes.get(key))
    }
    assert named
    assert named <= ids


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_from_elsewhere(pages, name):
    """No element names an address, no style imports one."""
    page = pages[name]
    loading = {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for one in page.elements:
        assert not {"src", "srcset", "data", "action"} & one.attributes.keys()
        if one.tag in loading:
            assert one.tag in ("script", "form")
            assert one.attributes in ({}, {"method": "dialog"})
    style, script = page.one("style").text, page.one("script").text
    assert not re.search(r"url\(|@import|https?:|//[a-z]+\.", style)
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|WebSocket|import\(", script)


@pytest.mark.parametrize("name", NAMES)
def test_the_policy_allows_the_one_style_and_the_one_script(pages, name):
    """Their hashes are right, and nothing else is allowed."""
    page = pages[name]
    (policy,) = [
        one.attributes["content"]
        for one in page.all("meta")
        if one.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "style-src": hash_of(page.one("style").text),
        "script-src": hash_of(page.one("script").text),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def hash_of(text: str) -> str:
    """As a policy names it."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@pytest.mark.parametrize("name", NAMES)
def test_no_attribute_is_a_style_or_a_handler(pages, name):
    """The policy would stop them; a hostile text must not have made one either."""
    names = {key for one in pages[name].elements for key in one.attributes}
    assert not [one for one in names if one == "style" or one.startswith("on")]


def test_hostile_text_is_shown_as_it_is(pages):
    """It arrives in the page's text, and no control character or override with it."""
    page = pages["hostile"]
    start = (
        "<script>alert(1)</script>\"'><img src=x onerror=alert(2)></style></pre>{{7*7}}"
    )
    for tag, class_ in (
        ("h3", ""),
        ("p", "message"),
        ("mark", ""),
        ("pre", ""),
        ("td", ""),
        ("summary", ""),
        ("button", "tag"),
        ("dd", ""),
    ):
        found = page.all(tag, class_=class_) if class_ else page.all(tag)
        assert any(start in one.text or one.text in start for one in found), tag
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page.source
    )
    page.source.encode("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_one_heading_of_the_first_level(pages, name):
    """It is the verdict."""
    assert pages[name].one("h1").attributes["id"] == "verdict"


def test_the_first_screen_says_who_what_and_when(pages):
    """Verdict, sentence, subject, environment, time, command."""
    page, report = pages["one-of-each"], samples.one_of_each()
    screen = words(page.one("section", class_="first-screen").text)
    for said in (
        "Harness error",
        "In 1 of 25 cells the harness itself went wrong, in secrets-pgservice",
        "worker_wrapper",
        report.subject["sha256"][:12],
        "kind_cluster real",
        "2026-05-03 12:00:07 UTC, took 41.3 s",
        report.command,
    ):
        assert said in screen


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_counted(pages, verdict):
    """Not proven and skipped as well, and each count is a filter."""
    page, report = pages["one-of-each"], samples.one_of_each()
    slug = verdict.value.replace("_", "-")
    tile = page.one("button", class_="count", **{"data-toggle": f"s:{slug}"})
    assert words(tile.text).startswith(f"{report.counts[verdict]} ")
    assert report.counts[verdict] > 0


def test_every_cell_is_in_the_matrix_and_in_the_list(pages):
    """No verdict is left out, in either."""
    page, report = pages["one-of-each"], samples.one_of_each()
    slots = page.all("a", class_="slot")
    cells = page.all("details", class_="cell")
    assert len(slots) == len(cells) == len(report.cells)
    assert not [one for one in cells if "hidden" in one.attributes]


def test_a_failed_slot_names_the_check_that_failed(pages):
    """In its text; the tooltip says why."""
    page = pages["one-of-each"]
    slot = page.one("a", class_="slot", href="#c-package-trees-kubernetes-simulated")
    assert words(slot.text) == "failed sim. rbac.denied and 1 more"
    assert "The Role lacks the rule" in slot.attributes["title"]


def test_a_simulated_pass_says_so_wherever_it_stands(pages):
    """In the title, the headline, the matrix, and at the cell."""
    page = pages["all-passed"]
    assert page.one("title").text.startswith("Passed in simulation")
    assert words(page.one("h1").text) == "Passed in simulation"
    assert (
        "no real Docker Engine and no real Kubernetes"
        in page.one("header", class_="verdict").text
    )
    assert all("simulated" in one.text for one in page.all("a", class_="slot"))
    for summary in page.all("summary"):
        if summary.text.strip().startswith("passed"):
            assert "simulated" in summary.text


def test_a_real_pass_says_nothing_of_simulation(pages):
    """Else the word would lose its meaning."""
    page = pages["all-real"]
    assert words(page.one("h1").text) == "Passed"
    assert "simulat" not in page.one("section", class_="first-screen").text.lower()


def test_failures_come_first_and_open(pages):
    """The scenarios by their worst verdict, their failed cells unfolded."""
    page = pages["one-of-each"]
    cells = page.all("details", class_="cell")
    opened = {one.attributes["data-s"] for one in cells if "open" in one.attributes}
    assert opened == {"fail", "error"}
    names = [one.text for one in page.all("h3")]
    assert names[:4] == [
        "secrets-pgservice",
        "package-trees",
        "memory-limit",
        "worker-given",
    ]


def test_only_what_passed_is_folded_in_the_matrix():
    """Twenty rows at least are shown, and every row that isn't passed."""
    bad = [
        given.cell(f"bad-{n}", "docker", given.SIMULATED, given.denied())
        for n in range(22)
    ]
    left = [
        given.skipped(f"left-{n}", "docker", given.SIMULATED, "It needs rbac.")
        for n in range(3)
    ]
    good = [given.cell(f"good-{n}", "docker") for n in range(25)]
    for cells, shown in ((good, 20), ([*good, *bad, *left], 25)):
        page = Page(html(samples.report(cells)))
        rest = page.one("details", class_="rest")
        folded = len(cells) - shown
        assert f"and {folded} scenarios more, passed wherever run" in rest.text
        assert rest.text.count("good-") == folded
        assert "bad-" not in rest.text
        assert "left-" not in rest.text


def test_a_finding_says_all_it_knows(pages):
    """Check, title, message, where, expected, actual, why, and what to do."""
    page, denied = pages["one-of-each"], given.denied()
    found = page.one("section", id="f-package-trees-kubernetes-simulated-1").text
    for said in (denied.check, denied.title, denied.message, denied.where):
        assert said in found
    for said in (denied.expected, denied.actual, denied.why, denied.fix):
        assert said in found


def test_what_was_not_run_says_why(pages):
    """The reason of a skip is on its line."""
    page = pages["one-of-each"]
    (cell,) = [
        one for one in page.all("details") if one.attributes.get("data-s") == "skipped"
    ]
    assert "It needs real_limits." in cell.text
    assert "not run" in cell.text


def test_no_cell_is_no_pass(pages):
    """An empty run says that nothing is proven."""
    page = pages["none-run"]
    assert words(page.one("h1").text) == "Not proven"
    assert "No cell was run, so nothing is proven." in page.source


def test_an_interrupted_run_says_so(pages):
    """And the cells that were left out are skipped, with that reason."""
    page = pages["interrupted"]
    assert "The run was interrupted" in page.one("header", class_="verdict").text
    assert "interrupted before it was done" in page.one("section", id="tasks").text


@pytest.mark.parametrize("name", ["large", "everything-failed"])
def test_200_cells_fit_in_two_megabytes(pages, name):
    """With 20 logs of 64 KiB, or with every check failed at length."""
    assert len(samples.SAMPLES[name]().cells) == 200
    assert len(pages[name].source.encode()) <= LIMIT


@pytest.mark.parametrize("name", ["large", "everything-failed"])
def test_what_is_left_out_says_where_it_is(pages, name):
    """Each sentence names the cell in report.json, which holds the parts."""
    page, report = pages[name], samples.SAMPLES[name]()
    left_out = page.all("p", class_="left-out")
    assert left_out
    for one in left_out:
        said = re.search(r"too large: (.+)\. See cells\[(\d+)\] in", words(one.text))
        cell = report.cells[int(said[2])]
        for part in said[1].split(", "):
            assert getattr(cell, "findings" if part == "passed" else part)


def test_failures_are_the_last_to_be_left_out(pages):
    """In a large run the findings, timelines and logs of failed cells are all there."""
    page = pages["large"]
    failed = [
        one
        for one in page.all("details", class_="cell")
        if one.attributes["data-s"] == "fail"
    ]
    assert failed
    for one in failed:
        assert (
            "left out of the page here" in one.text
        )  # 64 KiB of log, cut in the middle
        assert "Left out, or" not in one.text.replace("too large: passed.", "")


def test_a_page_does_not_depend_on_when_or_where_it_is_written():
    """The same report gives the same text."""
    assert html(samples.one_of_each()) == html(samples.one_of_each())


def test_a_page_of_200_cells_is_written_in_seconds():
    """A bound far above the usual half second, against quadratic work."""
    report = samples.everything_failed()
    began = time.process_time()
    html(report)
    assert time.process_time() - began < 10


def test_a_report_without_subject_and_fingerprint_is_a_page():
    """Early failures have neither."""
    bare = dataclasses.replace(
        samples.none_run(), subject={}, fingerprint={}, command="", environments=()
    )
    page = Page(html(bare))
    assert "no subject" in page.one("title").text


def test_an_earlier_look_is_shown():
    """What passed only when looked at again says so, and what had failed."""
    bad = given.finding(
        "row.status", Verdict.FAIL, expected="finished", actual="failed"
    )
    again = dataclasses.replace(
        given.cell("package-trees", "docker"), earlier=((bad,),)
    )
    page = html(samples.report([again]))
    assert "1 cell passed only when looked at again" in page
    assert "Look 1, which doesn't count, failed: row.status" in page
