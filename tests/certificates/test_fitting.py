import pytest

from certificates.colour import contrast, palette
from certificates.fitting import size_for
from certificates.page import direction_of

SETTINGS = ((30.0, 1), (20.0, 1), (20.0, 2), (10.0, 4))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Aino Virtanen", 30),
        ("Maximiliana Alexandrovna Lind", 20),
        ("Maximiliana Alexandrovna von Hohenzollern-Sigmaringen", 20),
        ("Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren", 10),
        ("山" * 12, 20),
        ("Aino " * 60, 10),
        ("", 30),
    ],
)
def test_text_gets_the_largest_size_that_holds_it(text: str, size: float) -> None:
    assert size_for(text, SETTINGS, width=290) == size


def test_tighter_pages_take_smaller_sizes_and_stop_at_the_smallest() -> None:
    sizes = [size_for("Aino", SETTINGS, width=290, tighter=steps) for steps in (0, 1, 3, 9)]
    assert sizes == [30, 20, 10, 10]


def test_marks_that_take_no_room_are_not_counted() -> None:
    assert size_for("e\u0301" * 17, SETTINGS, width=290) == size_for("é" * 17, SETTINGS, width=290)


@pytest.mark.parametrize("accent", ["#ffcc00", "#ffffff", "#000000", "#808080", "#17594a"])
def test_what_is_written_in_or_on_the_accent_can_be_read(accent: str) -> None:
    def rgb(colour: str) -> tuple[int, int, int]:
        return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

    colours = palette(accent)
    ratios = (
        contrast(rgb(colours.ink), (255, 255, 255)),
        contrast(rgb(colours.on), rgb(colours.accent)),
    )
    assert [ratio >= 4.5 for ratio in ratios] == [True, True]


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("Aino", "ltr"),
        ("משה כהן", "rtl"),
        ("محمد", "rtl"),
        ("1. محمد", "rtl"),
        ("Aino محمد", "ltr"),
        ("…", "ltr"),
    ],
)
def test_name_is_read_from_the_side_of_its_first_letter(name: str, direction: str) -> None:
    assert direction_of(name) == direction
