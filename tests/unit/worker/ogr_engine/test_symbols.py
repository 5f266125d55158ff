"""Colours of renderers."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from qfc_worker.ogr_engine.symbols import GREY, styles

SYMBOL = """<symbol name="{name}" type="marker" alpha="{alpha}"><layer>
<Option type="Map"><Option name="color" value="{colour}"/>
<Option name="size" value="4"/></Option></layer></symbol>"""


def layer(
    renderer: str, *colours: str, alpha: float = 1, rules: str = ""
) -> ET.Element:
    """A layer whose renderer has these symbols."""
    symbols = "".join(
        SYMBOL.format(name=number, colour=colour, alpha=alpha)
        for number, colour in enumerate(colours)
    )
    return ET.fromstring(
        f'<maplayer><renderer-v2 attr="kind" type="{renderer}">{rules}'
        f"<symbols>{symbols}</symbols></renderer-v2></maplayer>"
    )


def fill(element: ET.Element, value: Any) -> Any:
    """The colour of a feature with this value."""
    style = styles(element, ["kind"]).of(value)
    return None if style is None else style.fill


def test_single_symbol() -> None:
    """One colour, with the symbol's and its own transparency."""
    element = layer("singleSymbol", "10,20,30,200", alpha=0.5)
    assert fill(element, None) == (10, 20, 30, 100)


def test_categories() -> None:
    """By value; a switched-off one isn't drawn; the empty one takes the rest."""
    rules = """<categories><category symbol="0" value="1"/>
    <category symbol="1" value="2" render="false"/>
    <category symbol="1" value="true"/></categories>"""
    element = layer("categorizedSymbol", "1,1,1,255", "2,2,2,255", rules=rules)
    assert fill(element, 1) == (1, 1, 1, 255)
    assert fill(element, 1.0) == (1, 1, 1, 255)
    assert fill(element, True) == (2, 2, 2, 255)
    assert fill(element, 2) is None
    assert fill(element, 3) is None
    rest = rules.replace(
        "</categories>", '<category symbol="1" value=""/></categories>'
    )
    element = layer("categorizedSymbol", "1,1,1,255", "2,2,2,255", rules=rest)
    assert fill(element, 3) == (2, 2, 2, 255)


def test_ranges() -> None:
    """The first range that holds the value."""
    rules = """<ranges><range symbol="0" lower="0" upper="5"/>
    <range symbol="1" lower="5" upper="10"/></ranges>"""
    element = layer("graduatedSymbol", "1,1,1,255", "2,2,2,255", rules=rules)
    assert fill(element, 5) == (1, 1, 1, 255)
    assert fill(element, 5.1) == (2, 2, 2, 255)
    assert fill(element, 11) is None
    assert fill(element, None) is None


def test_expression_as_attribute_counts_as_its_first_symbol() -> None:
    """What isn't a column can't be evaluated here."""
    element = layer("categorizedSymbol", "1,1,1,255", "2,2,2,255")
    chosen = styles(element, ["other"])
    assert chosen.column is None
    style = chosen.of(None)
    assert style is not None
    assert style.fill == (1, 1, 1, 255)


@pytest.mark.parametrize("colour", ["", "red", "1,2,3"])
def test_colour_that_is_not_understood(colour: str) -> None:
    """It becomes grey, not an error."""
    assert fill(layer("singleSymbol", colour), None) == GREY


def test_colour_of_newer_qgis() -> None:
    """Since 3.40 a second notation follows."""
    element = layer("singleSymbol", "1,2,3,255,rgb:0.004,0.008,0.012,1")
    assert fill(element, None) == (1, 2, 3, 255)


def test_nothing_drawn() -> None:
    """The null renderer."""
    assert fill(layer("nullSymbol"), 1) is None
