"""Reads a page as a browser would, as far as the tests need it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "input", "link", "hr"}


@dataclass
class Element:
    """A tag, its attributes, and all text inside."""

    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(repr=False, default_factory=list)
    """Of the whole page."""
    span: slice = field(default_factory=lambda: slice(0))

    @property
    def text(self) -> str:
        """What is inside, of all that it holds."""
        return "".join(self.parts[self.span])


@dataclass
class Page(HTMLParser):
    """The elements of a page in their order."""

    source: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self._parts: list[str] = []
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Begins an element."""
        element = Element(
            tag, {name: value or "" for name, value in attrs}, self._parts
        )
        element.span = slice(len(self._parts), None)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        """An element that is empty."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        """Ends the innermost element, which has to be this one."""
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> in <{self._open[-1].tag}>"
        closed = self._open.pop()
        closed.span = slice(closed.span.start, len(self._parts))

    def handle_data(self, data):
        """Text, with its references resolved."""
        self._parts.append(data)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements with this tag and these attributes (``class_`` holds a word)."""
        word = attributes.pop("class_", "")
        return [
            one
            for one in self.elements
            if one.tag == tag
            and (not word or word in one.attributes.get("class", "").split())
            and all(one.attributes.get(k) == v for k, v in attributes.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only one of them."""
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def unclosed(self) -> list[str]:
        """Tags that were not closed."""
        return [one.tag for one in self._open]


def words(text: str) -> str:
    """A text with its white space made one."""
    return re.sub(r"\s+", " ", text).strip()
