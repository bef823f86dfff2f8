import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from certificates.qr import MASK, modules_of

LETTERS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=1200)


def segno_modules(text: str, *, small: bool) -> list[bytes]:
    code = segno.make_qr(text, error="l" if small else "m", mask=MASK, mode="byte")
    return [bytes(row) for row in code.matrix]


@given(text=LETTERS, small=st.booleans())
def test_code_is_the_one_that_segno_makes(text: str, small: bool) -> None:
    assert modules_of(text, small=small) == segno_modules(text, small=small)


@pytest.mark.parametrize("small", [True, False])
def test_code_of_every_length_that_just_fits(small: bool) -> None:
    """Where the end and the padding are cut short, and past every kind of block."""
    for length in [*range(1, 60), *range(100, 2300, 61)]:
        text = ("https://a.fi/#" * 200)[:length]
        assert modules_of(text, small=small) == segno_modules(text, small=small), length


def test_too_long_a_text_has_no_code() -> None:
    with pytest.raises(ValueError, match="too long"):
        modules_of("a" * 3000, small=True)
