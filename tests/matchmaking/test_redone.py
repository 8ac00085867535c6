"""A published lottery is fetched and redone: by `qingyi lottery`, by a program that knows docs/lottery.md alone, and alike."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from races.processes import server
from support.asking import instant
from support.house import House
from support.matchmaking import event, held, mine, signed_up, singles

from domain.accounts.models import Gender
from domain.core.actors import StaffRole
from domain.matchmaking.drawing import PublishedEntry, drawn_order, entries_hash
from infra.embedded.services import PROJECT, Services

REDONE = Path(__file__).with_name("redone.py")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=PROJECT, capture_output=True, text=True, check=False)


def qingyi(*words: str) -> subprocess.CompletedProcess[str]:
    return run("-m", "api.cli", "lottery", *words)


@pytest.mark.timeout(180)
async def test_anybody_redoes_a_draw(
    house: House, database_url: str, servers: Services, tmp_path: Path
) -> None:
    # given a lottery that is drawn
    host = await house.staff(StaffRole.EVENT_HOST)
    window = {"signupClosesAt": instant(house, minutes=2), "signupOpensAt": instant(house, hours=-1)}
    at = await held(host, house, admission="LOTTERY", femaleSeats=5, maleSeats=3, **window)
    people = [*await singles(house, 30), *await singles(house, 20, Gender.MALE)]
    for youth in people:
        await signed_up(youth, at)
    house.clock.move(minutes=3)
    await host.done("drawMatchmakingLottery", "event { id }", eventId=at)

    # when somebody fetches it from the deployment, without any account
    with server(database_url, servers) as (_, address):
        fetched = await asyncio.to_thread(qingyi, "fetch", address, at)
    assert fetched.returncode == 0, fetched.stderr
    file = tmp_path / "published.json"
    file.write_text(fetched.stdout, encoding="utf-8")
    told = json.loads(fetched.stdout)

    # then the command finds it good, and the other program finds the same places
    good = qingyi("verify", str(file))
    assert (good.returncode, good.stdout[:4]) == (0, "good"), good.stdout
    redone = await asyncio.to_thread(run, "-I", str(REDONE), str(file))
    places = {entry: int(place) for _, entry, place in map(str.split, redone.stdout.splitlines())}
    assert places == {one["entry"]: one["drawnPosition"] for one in told["entries"]}
    # balanced by sex by the seats: the first of each have them
    assert (told["femaleSeats"], told["maleSeats"]) == (5, 3)
    seats = (await event(host, at, "seats { gender taken waitlisted }"))["seats"]
    assert [(one["taken"], one["waitlisted"]) for one in seats] == [(5, 25), (3, 17)]
    for youth, most in ((people[0], 5), (people[-1], 3)):
        own = await mine(youth, at, "status lotteryEntry")
        assert (own["status"] == "CONFIRMED") == (places[own["lotteryEntry"]] <= most)

    # and whoever changes anything is found out
    first, second, *rest = told["entries"]
    for change in (
        {"entries": [first, *rest]},
        {"entries": [{**first, "entry": "00" * 16}, second, *rest]},
        {"entries": [first, {**second, "drawnPosition": None}, *rest]},
        {"seed": "ab" * 32},
        {"entriesHash": "00" * 32},
    ):
        file.write_text(json.dumps(told | change), encoding="utf-8")
        assert qingyi("verify", str(file)).returncode == 1
    for text in ("", "[]", '{"entries": 1}', "{"):
        file.write_text(text, encoding="utf-8")
        assert qingyi("verify", str(file)).returncode == 2
    assert qingyi("verify", str(tmp_path / "nothing")).returncode == 2


def test_the_example_of_the_documentation() -> None:
    told = (PROJECT / "docs/lottery.md").read_text(encoding="utf-8")
    example = told[told.index("## Example") : told.index("## Redo it")]
    entries = [f"{number:032x}" for number in (1, 2, 3)]
    found = entries_hash(UUID(int=1), [PublishedEntry("FEMALE", one) for one in entries])
    assert f"`{found}`" in example
    order = drawn_order("01" * 32, entries)
    assert f"the entries ending in {', '.join(one[-1] for one in order)}." in example
