"""``registration ledger …`` as an administrator runs it, against either database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from uuid import uuid4

import orjson
import pytest

from registration import clock
from registration.ledger.models import Block, Disclosure, Entry, Receipt, Seal
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.settings import Settings
from tests.builders import make_account, make_person
from tests.edge.test_command_line import command
from tests.ledger.test_chain import chain


def ledger(settings: Settings, *arguments: str) -> CompletedProcess[str]:
    urls = {
        "REGISTRATION_DATABASE_URL": settings.database_url,
        "REGISTRATION_DIETARY_URL": settings.dietary_url,
    }
    given = {name: url for name, url in urls.items() if url}
    return command("ledger", *arguments, data=settings.data, **given)


@pytest.mark.promise("P15")
async def test_verify_ends_with_one_and_names_what_was_tampered_with(store: Settings) -> None:
    await chain(blocks=3)
    whole = ledger(store, "verify")
    assert whole.returncode == 0
    said = whole.stdout.splitlines()
    assert said[0] == "The ledger is whole: 21 entries sealed, 0 not sealed yet."
    assert said[1] == "Sealed beside them: 9 disclosures, 3 receipts."
    third = (await Entry.all().order_by("number"))[2]
    seal = await Seal.get(entry_number=third.number)
    told, given = await Disclosure.filter(block=1).first(), await Receipt.filter(block=2).first()
    assert told is not None
    assert given is not None
    for row, change, message in (
        (third, {"act": "logout"}, f"entry {third.number}: entry {third.number} was changed"),
        (seal, {"entry_number": 9999}, "entry 9999: entry 9999 was deleted"),
        (told, {"person_id": uuid4()}, "entry 0: the block at place 1 of the chain does not hold"),
        (given, {"diets": 7}, "entry 7: the block at place 2 of the chain does not hold"),
        (await Block.get(position=2), {"settled": -9}, "entry 7: a block was changed"),
    ):
        kept = {name: getattr(row, name) for name in change}
        model = type(row)
        await model.filter(pk=row.pk).update(**change)
        found = ledger(store, "verify")
        assert (found.returncode, found.stdout, found.stderr.count("\n")) == (1, "", 1)
        assert f"the ledger is broken at {message}" in found.stderr
        await model.filter(pk=row.pk).update(**kept)
    assert ledger(store, "verify").stdout == whole.stdout


async def test_heads_are_printed_kept_and_compared(store: Settings, tmp_path: Path) -> None:
    await chain(blocks=3)
    newest = ledger(store, "heads").stdout.split()[0]
    assert newest.startswith("3:")
    listed = orjson.loads(ledger(store, "heads", "--since", "2", "--json").stdout)
    assert [line["place"] for line in listed] == [2, 3]
    kept = tmp_path / "heads.txt"
    kept.write_text(ledger(store, "heads", "--since", "1").stdout)
    fits = ledger(store, "verify", "--heads", str(kept), "--head", newest)
    assert fits.returncode == 0
    assert "Heads that were kept elsewhere and fit: 3." in fits.stdout
    wrong = ledger(store, "verify", "--head", f"2:{'0' * 64}")
    assert (wrong.returncode, "the hash at place 2" in wrong.stderr) == (1, True)
    cut_off = ledger(store, "verify", "--head", f"9:{'0' * 64}")
    assert (cut_off.returncode, "the end was cut off" in cut_off.stderr) == (1, True)
    for unreadable in (("--head", "9"), ("--heads", str(tmp_path / "none"))):
        refused = ledger(store, "verify", *unreadable)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert ledger(store, "heads", "--since", "9").returncode == 1


async def test_a_proof_is_handed_on_and_checked_elsewhere(
    register: Settings, tmp_path: Path
) -> None:
    await chain(blocks=2)
    number = (await Entry.all().order_by("number"))[1].number
    printed = ledger(register, "proof", str(number))
    assert printed.returncode == 0
    head = orjson.loads(printed.stdout)["head"]
    file = tmp_path / "proof.json"
    file.write_text(printed.stdout)
    elsewhere = tmp_path / "elsewhere"
    checked = command("ledger", "proven", str(file), "--head", head, data=elsewhere)
    assert checked.returncode == 0
    assert checked.stdout.startswith('Proven: ["entry",')
    other = f"2:{'0' * 64}"
    assert command("ledger", "proven", str(file), "--head", other, data=elsewhere).returncode == 1
    file.write_text("[]")
    assert command("ledger", "proven", str(file), "--head", head, data=elsewhere).returncode == 2
    assert not elsewhere.exists()
    assert ledger(register, "proof", "99999").returncode == 1
    await record(Act.LOGIN, now=clock.now())
    last = (await Entry.all().order_by("-number"))[0].number
    waits = ledger(register, "proof", str(last))
    assert (waits.returncode, "not sealed yet" in waits.stderr) == (1, True)


async def test_exposed_says_whose_data_an_account_could_have_seen(register: Settings) -> None:
    then = clock.now() - timedelta(days=30)
    await make_person(now=then)
    account = await make_account(now=then)
    since = (then + timedelta(days=1)).strftime("%Y-%m-%d")
    until = clock.now().strftime("%Y-%m-%d")
    asked = ("--since", since, "--until", until)
    said = ledger(register, "exposed", "STAFF@example.fi", *asked)
    assert said.returncode == 0
    assert "People whose data it saw or could have seen: 1" in said.stdout
    as_json = orjson.loads(ledger(register, "exposed", str(account), *asked, "--json").stdout)
    assert (as_json["persons_reached"], as_json["everybody"]) == (1, True)
    assert ledger(register, "exposed", "nobody@example.fi", *asked).returncode == 1
    turned = ledger(register, "exposed", str(account), "--since", until, "--until", since)
    assert (turned.returncode, turned.stderr.count("\n")) == (2, 1)
    assert await Entry.filter(act="exposure-asked").count() == 2
