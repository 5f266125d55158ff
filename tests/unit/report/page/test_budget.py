"""What a page carries."""

from markupsafe import Markup

from harness.report.page.budget import MISSES, Carried, Part


def part(cell, name="logs", size=10, rank=0, instead=""):
    """A part of some size."""
    return Part(
        cell=cell,
        name=name,
        rank=(rank, cell),
        write=lambda: Markup("x" * size),
        instead=Markup(instead),
    )


def test_all_is_carried_while_there_is_room():
    """Nothing is left out."""
    carried = Carried([part(1), part(2)], room=20)
    assert carried.text(1, "logs") == carried.text(2, "logs") == "x" * 10
    assert carried.left_out(1, ["logs"]) == []


def test_the_lowest_rank_goes_in_first():
    """Wherever it stands on the page."""
    carried = Carried([part(1, rank=5), part(2, rank=1)], room=10)
    assert carried.text(1, "logs") == ""
    assert carried.text(2, "logs") == "x" * 10
    assert carried.left_out(1, ["row", "logs"]) == ["logs"]


def test_a_smaller_part_may_still_fit():
    """One that is too large doesn't keep the others out."""
    carried = Carried([part(1, size=100), part(2, size=10)], room=50)
    assert carried.text(2, "logs") == "x" * 10


def test_what_stands_in_its_place_takes_room_too():
    """Nine bytes of it leave room for one part."""
    parts = [part(number, instead="123") for number in range(3)]
    carried = Carried(parts, room=20)
    shown = [carried.text(number, "logs") for number in range(3)]
    assert shown == ["x" * 10, "123", "123"]


def test_bytes_are_counted():
    """An umlaut is two."""
    umlauts = Part(
        cell=1,
        name="logs",
        rank=(0, 0),
        write=lambda: Markup("ä" * 10),
        instead=Markup(),
    )
    assert Carried([umlauts], room=19).left_out(1, ["logs"]) == ["logs"]
    assert Carried([umlauts], room=20).left_out(1, ["logs"]) == []


def test_no_more_is_written_when_the_page_is_full():
    """Writing what is thrown away would take minutes in the worst run."""
    written = []

    def write():
        written.append(1)
        return Markup("x" * 100)

    parts = [
        Part(cell=n, name="logs", rank=(0, n), write=write, instead=Markup())
        for n in range(50)
    ]
    Carried(parts, room=50)
    assert len(written) == MISSES


def test_a_part_that_is_not_there_is_empty():
    """And it isn't called left out."""
    carried = Carried([], room=10)
    assert carried.text(1, "rights") == ""
    assert carried.left_out(1, ["rights"]) == []
