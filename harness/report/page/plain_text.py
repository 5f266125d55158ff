"""Text from anywhere, made fit for a page.

Control characters, lone surrogates and bidirectional overrides become visible, so that
a hostile log can neither break the file nor turn round what a reader sees.
"""

import json

from markupsafe import Markup

_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_VISIBLE: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    **{code: f"[U+{code:04X}]" for code in _BIDI},
    0xFFFE: "\ufffd",
    0xFFFF: "\ufffd",
}


def visible(text: str) -> str:
    """The text with every unprintable character replaced by one that can be seen."""
    return text.replace("\r\n", "\n").translate(_VISIBLE)


def pre(text: str, label: str) -> Markup:
    """A ``pre`` element that scrolls, also by keyboard.

    Quotes need no escape inside an element; a large JSON text is a third smaller so.
    """
    body = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    start = Markup('<pre tabindex="0" role="group" aria-label="{}">\n').format(label)
    return start + Markup(body) + Markup("</pre>")  # noqa: S704 (escaped above)


def command(text: str) -> Markup:
    """A command that doesn't break its lines within ``--an-option``."""
    part = Markup('<span class="word">{}</span>')
    return Markup(" ").join(
        part.format(word) if word.startswith("-") else word for word in text.split(" ")
    )


def cut(text: str, limit: int) -> str:
    """Beginning and end of a text that is longer than the limit, and what is left out.

    :param limit: in characters
    """
    if len(text) <= limit:
        return text
    head, tail = limit // 4, limit - limit // 4
    left_out = len(text) - limit
    note = f"… {left_out:,} characters are left out of the page here …"
    return f"{text[:head]}\n{note}\n{text[-tail:]}"


def clip(text: str, limit: int) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def shown(value: object, limit: int = 300) -> str:
    """A value of an object of the API on one line; a dash where there is none."""
    if value is None or value == "":
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return clip(text, limit)
