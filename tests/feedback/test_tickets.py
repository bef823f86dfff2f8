"""Addresses of the form: signed, and nobody guesses one."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.feedback import tickets
from registration.feedback.tickets import LETTERS, Leads, Ticket, read, write

SECRET = "s" * 43


@given(st.sampled_from(Leads), st.uuids())
def test_what_is_written_is_read(leads: Leads, given_id: UUID) -> None:
    token = write(Ticket(leads, given_id), SECRET)
    assert len(token) == LETTERS
    assert read(token, SECRET) == Ticket(leads, given_id)
    assert read(token, "t" * 43) is None


@given(st.integers(0, LETTERS - 1), st.sampled_from("ABCDEFGHabcdefgh0123456789-_"))
def test_another_letter_leads_nowhere(at: int, letter: str) -> None:
    token = write(Ticket(Leads.PLACE, UUID(int=7)), SECRET)
    changed = token[:at] + letter + token[at + 1 :]
    assert read(changed, SECRET) == (Ticket(Leads.PLACE, UUID(int=7)) if changed == token else None)


@given(st.text(max_size=60))
def test_anything_else_leads_nowhere(text: str) -> None:
    assert read(text, SECRET) is None


@pytest.mark.promise("P18")
def test_the_mark_of_who_answered_says_nothing_without_the_secret() -> None:
    place = uuid4()
    mark = tickets.of_place(place, SECRET)
    assert mark == tickets.of_place(place, SECRET)
    assert len({mark, tickets.of_place(place, "t" * 43), tickets.of_place(uuid4(), SECRET)}) == 3
    assert place.hex not in mark
