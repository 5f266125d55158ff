"""Text from anywhere, made fit for a page."""

import pytest
from markupsafe import Markup

from harness.report.page.plain_text import clip, command, cut, pre, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb", "a\nb"),
        ("50 %\r100 %", "50 %␍100 %"),
        ("\x00", "␀"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x7f\x85", "␡\ufffd"),
        ("\u202eevil", "[U+202E]evil"),
        ("\ud800", "\ufffd"),
        ("Bäume 樹 🌳", "Bäume 樹 🌳"),
    ],
)
def test_what_can_not_be_seen_is_made_visible(text, expected):
    """And everything else is as it was."""
    assert visible(text) == expected


def test_pre_escapes_what_would_end_it():
    """Quotes are harmless inside an element; its label is an attribute."""
    made = pre("</pre><b>&\"'", 'a"b')
    assert made == Markup(
        '<pre tabindex="0" role="group" aria-label="a&#34;b">\n'
        "&lt;/pre&gt;&lt;b&gt;&amp;\"'</pre>"
    )


def test_cut_keeps_both_ends_and_says_what_is_missing():
    """More of the end: there stands why it ended."""
    text = "a" * 500 + "b" * 500
    made = cut(text, 100)
    assert made == "a" * 25 + "\n… 900 characters are left out of the page here …\n" + (
        "b" * 75
    )
    assert cut(text, 1000) == text


def test_clip_is_one_line():
    """Of at most the limit."""
    assert clip("a\n  b\tc", 10) == "a b c"
    assert clip("abcdefghij", 5) == "abcd…"


def test_a_commands_options_are_not_broken():
    """And what is in it is escaped."""
    assert command("run <a> --b-c") == Markup(
        'run &lt;a&gt; <span class="word">--b-c</span>'
    )
