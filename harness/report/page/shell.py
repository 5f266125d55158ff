"""What every page has around its content: one style, one script, the policy, filters.

The browser runs the style and the script that are named by their hashes, and nothing
else. All text from a run is escaped by the templates.
"""

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...expectations.finding import Verdict
from . import view, words
from .plain_text import clip, command, pre, shown, visible


def render(template: str, **values: object) -> str:
    """A whole page from a template that extends ``shell.html``."""
    style, script = _asset("style", ".css"), _asset("script", ".js")
    text = (
        pages()
        .get_template(template)
        .render(
            **values,
            style=Markup(style),  # noqa: S704 (our own files)
            script=Markup(script),  # noqa: S704
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )
    return visible(text)


@cache
def pages() -> Environment:
    """The templates, with what all of them may use."""
    found = Environment(
        loader=PackageLoader("harness.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        Verdict=Verdict,
        ORDER=words.ORDER,
        WORDS=words.WORDS,
        headline=words.headline,
        plural=words.plural,
        sentence=words.sentence,
        simulation=words.simulation,
    )
    found.filters.update(
        clip=clip,
        command=command,
        fragment=view.fragment,
        pre=pre,
        seconds=words.seconds,
        shown=shown,
        slug=words.slug,
    )
    return found


@cache
def _asset(folder: str, ending: str) -> str:
    """The files of a folder in the order of their names, as one text."""
    place = resources.files("harness.report.page") / folder
    files = sorted(
        (one for one in place.iterdir() if one.name.endswith(ending)),
        key=lambda one: one.name,
    )
    return "\n" + "".join(one.read_text(encoding="utf-8") for one in files)


def _hash(text: str) -> str:
    """As a Content-Security-Policy names a style or a script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
