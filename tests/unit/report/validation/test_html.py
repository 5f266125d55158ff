"""A validation's page as a text; that it is well made is tested with the run's."""

import dataclasses
import hashlib
import html as escaping
import re

import pytest

from harness.preflight import model
from harness.preflight.model import Word
from harness.report.validation.html import html

from ..reading import Page, words
from . import samples
from .given import ROLE

LIMIT = 2_000_000


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    """Every sample, written and read once."""
    return {name: Page(text) for name, text in samples.pages().items()}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("go", Word.GO),
        ("go-with-warnings", Word.GO_WITH_WARNINGS),
        ("no-go", Word.NO_GO),
        ("unreachable", Word.NO_GO),
        ("killed", Word.NO_GO),
    ],
)
def test_the_verdict_comes_first(pages, name, word):
    """In the title, in the one heading, and in the bar."""
    page = pages[f"validation-{name}"]
    assert page.one("title").text.startswith(f"{word.value}: qfieldcloud-prod")
    assert words(page.one("h1").text) == word.value
    assert words(page.one("a", class_="bar-verdict").text) == word.value


def test_the_first_screen_says_where_who_and_when(pages):
    """Cluster, namespace, user, wrapper, time, command, and how strong the proof is."""
    page = pages["validation-no-go"]
    screen = words(page.one("section", class_="first-screen").text)
    for said in (
        "qfieldcloud-prod",
        "https://10.20.30.40:6443 context prod-admin@prod",
        "operator@example.org",
        "worker_wrapper as qfieldcloud-worker-wrapper, 2 replicas",
        "2026-05-03 12:00:07 UTC, took 1 min 42 s",
        "qfc-harness validate --kubeconfig prod.yaml",
        "Weakest proof of a blocker: read.",
        "read-only: 0 writes, 14 dry-runs, 73 reads",
    ):
        assert said in screen


def test_a_cause_folds_what_follows_from_it(pages):
    """Seventeen reds from one quota are one thing to do, with sixteen because of it."""
    page = pages["validation-no-go"]
    tasks = page.all("li", class_="task")
    assert "QFV-304" in tasks[0].text
    assert "16 checks because of it" in words(tasks[0].text)
    heads = [words(one.text) for one in page.all("div", class_="task-head")]
    assert not [one for one in heads if "QFV-9" in one and "QFV-951" not in one]
    opened = page.all("details", class_="result")
    follows = [one for one in opened if "because of QFV-304" in one.text]
    assert len(follows) == 16
    assert not [one for one in follows if "open" in one.attributes]


def test_what_is_not_proven_waits_for_one_person(pages):
    """One entry for all that the same person can prove, and it says who."""
    page = pages["validation-go-with-warnings"]
    (task,) = [one for one in page.all("li", class_="task") if "not proven" in one.text]
    assert samples.LOOK in task.text
    assert "The same for" in task.text


def test_every_result_is_there_and_nothing_is_hidden(pages):
    """Bad ones open, the others closed; none left out."""
    for name, make in samples.SAMPLES.items():
        page, report = pages[f"validation-{name}"], make()
        cells = page.all("details", class_="result")
        assert len(cells) == len(report.results)
        assert not [one for one in cells if "hidden" in one.attributes]


def test_each_count_is_a_filter(pages):
    """Also those of which there are none."""
    page, report = pages["validation-no-go"], samples.no_go()
    for slug, key in (("fail", "failed"), ("warn", "warned"), ("pass", "passed")):
        tile = page.one("button", class_="count", **{"data-toggle": f"s:{slug}"})
        assert words(tile.text).startswith(f"{report.decision.counts[key]} {key}")


def test_the_role_can_be_copied(pages):
    """As it is, and its difference from the live one."""
    section = pages["validation-no-go"].one("section", id="rights")
    assert ROLE.strip() in section.text
    assert "+  - pods/log" in section.text
    copies = [
        one.attributes.get("data-copy")
        for one in pages["validation-no-go"].all("button")
    ]
    assert ROLE in copies


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("rights", "the worker's lognoasked as the ServiceAccountmissing no rule"),
        ("settings", "QFIELDCLOUD_K8S_CPU=500m"),
        ("settings", "a secret, not shown"),
        ("admission", "A sidecar keeps the pod running"),
        ("jobs", "could not resolve app.example.org"),
        ("jobs", "1,200 bytes that are not in the report"),
        ("journal", 'userAgent = "qfc-harness/0.1.0 run/4f2a91c0"'),
        ("evidence", "GET /api/v1/nodes?limit=500"),
    ],
)
def test_each_section_says_what_it_is_for(pages, section, said):
    """Rights, settings, admission, jobs, own calls, evidence."""
    found = pages["validation-no-go"].one("section", id=section)
    assert said in words(found.text)


def test_a_killed_validation_says_where_and_what_is_left(pages):
    """And the line that removes it."""
    screen = words(
        pages["validation-killed"].one("section", class_="first-screen").text
    )
    assert "Ended at 12:03:11 in check 32 of 64" in screen
    assert "Still in the cluster: Job/qfv-4f2a91c0-2" in screen
    assert "Removed by: kubectl -n qfieldcloud-prod delete jobs,configmaps" in screen


def test_an_earlier_report_is_compared_with(pages):
    """On the first screen in short, below in full, with what makes them unlike."""
    page = pages["validation-compared"]
    line = words(page.one("p", class_="compared").text)
    assert "19 fixed" in line
    assert "The two are not comparable." in line
    section = words(page.one("section", id="comparison").text)
    assert "Not the same replicas: 1 → 2" in section
    assert "server: v1.33.4 → v1.34.0" in section
    assert "check new in this versionQFV-954" in section


def test_the_data_is_the_report_and_its_hash_is_told():
    """What is copied from the page is validation.json."""
    report = samples.no_go()
    text = html(report)
    found = re.search(r'<pre id="data"[^>]*>(.*?)</pre>', text, re.DOTALL)
    assert found
    assert model.loaded(escaping.unescape(found[1])) == report
    digest = hashlib.sha256(model.dumped(report).encode()).hexdigest()
    assert text.count(digest) == 2


def test_200_checks_and_20_logs_fit_in_two_megabytes(pages):
    """And failed jobs keep their logs."""
    source = pages["validation-large"].source
    assert len(source.encode()) <= LIMIT
    jobs = pages["validation-large"].all("details", class_="job")
    assert len(jobs) == 20
    for one in jobs:
        if "open" in one.attributes:
            assert "left out of the page here" in one.text
            assert "Left out, or" not in one.text


def test_a_simulated_cluster_never_reads_like_a_real_one():
    """The verdict says so itself."""
    report = samples.go()
    simulated = dataclasses.replace(
        report.decision, weakest_proof=model.Proof.SIMULATED
    )
    page = Page(html(dataclasses.replace(report, decision=simulated)))
    said = "no real cluster took part"
    assert said in page.one("header", class_="verdict").text
    assert said not in html(report)


def test_what_was_masked_is_told():
    """Whose value, where, and how often."""
    one = model.Masked(name="SECRET_KEY", where="evidence", times=2)
    page = Page(html(dataclasses.replace(samples.go(), masked=(one,))))
    assert "SECRET_KEY 2 times in evidence." in words(page.one("footer").text)
