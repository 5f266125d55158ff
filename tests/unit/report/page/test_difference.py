"""Expected and actual beside each other."""

import time

import pytest

from harness.report.page.difference import Line, Piece, difference


def marked(side):
    """What is marked of a side."""
    return [piece.text for piece in side or () if piece.differs]


def whole(side):
    """All of a side."""
    return "".join(piece.text for piece in side or ())


def test_one_word_of_a_line_is_marked():
    """On both sides, and nothing else of it."""
    (line,) = difference("exit code 3 in the row", "exit code 1 in the row")
    assert (marked(line.left), marked(line.right)) == (["3"], ["1"])


def test_lines_that_have_little_in_common_are_not_marked():
    """A sentence against an answer is read, not compared."""
    (line,) = difference("get pods/log is allowed", '403: pods "x" is forbidden')
    assert line.differs
    assert marked(line.left) == marked(line.right) == []


def test_equal_lines_are_folded_but_for_their_neighbours():
    """Two are kept on each side of a difference, none at the ends."""
    left = [f"line {number}" for number in range(20)]
    right = [*left[:10], "another 10", *left[11:]]
    lines = difference("\n".join(left), "\n".join(right))
    assert [line.folded for line in lines] == [8, 0, 0, 0, 0, 0, 7]
    assert [whole(line.left) for line in lines[1:6]] == left[8:13]
    assert [line.differs for line in lines] == [False] * 3 + [True] + [False] * 3


def test_a_line_that_one_side_lacks_has_nothing_beside_it():
    """It is marked as a whole."""
    lines = difference("a\nb\nc", "a\nc")
    assert lines[1] == Line((Piece("b", differs=True),), None)
    lines = difference("a\nc", "a\nb\nc")
    assert lines[1] == Line(None, (Piece("b", differs=True),))


def test_equal_texts_have_no_difference():
    """A single line, unmarked."""
    assert difference("same", "same") == [
        Line((Piece("same"),), (Piece("same"),), differs=False)
    ]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("a b c\nd", "a x c\nd\ne"),
        ("", "something"),
        ("{'a': 1, 'b': [2, 3]}", "{'a': 1, 'b': [2, 4]}"),
        ("one\n" * 5, "two\n" * 3),
    ],
)
def test_no_text_is_lost(expected, actual):
    """Both sides can be put together again."""
    lines = difference(expected, actual)
    left = "\n".join(whole(line.left) for line in lines if line.left is not None)
    right = "\n".join(whole(line.right) for line in lines if line.right is not None)
    assert left == expected.strip("\n")
    assert right == actual.strip("\n")


@pytest.mark.parametrize("text", ["x y ", "(){}[]", "\n", "a\n"])
def test_texts_that_repeat_themselves_are_no_trap(text):
    """Matching every word with every other would take seconds."""
    began = time.process_time()
    difference(text * 1000, text[::-1] * 1100)
    assert time.process_time() - began < 1
