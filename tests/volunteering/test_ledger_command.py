"""`qingyi ledger verify` as an operator calls it: a process of its own on a ledger that is whole, or that somebody changed."""

import asyncio

import pytest
from races.processes import ran
from support.house import House, Person
from support.tampering import by_hand
from support.volunteering import a_record, entries_of, given_hours, recorded

from infra.embedded.services import Services

pytestmark = pytest.mark.timeout(300)  # a process for each command


@pytest.fixture(scope="module")
async def crowd(house: House) -> list[Person]:
    """Twelve volunteers of three days each, the last with a correction."""
    partner = await house.partner()
    crowd = await house.youths(12)
    for who in crowd:
        await given_hours(house, partner, who, 20)
    record = a_record(house, crowd[-1], days_ago=20, hours=4)
    for activity in ("图书整理", "图书整理与借阅"):
        await recorded(partner, record | {"activity": activity})
    return crowd


class Verify:
    def __init__(self, database_url: str, servers: Services) -> None:
        self.database_url = database_url
        self.servers = servers

    async def __call__(self, options: str = "") -> tuple[int, list[str], str]:
        """Status, lines, and what is said of how far it is."""
        done = await asyncio.to_thread(ran, f"ledger verify {options}", self.database_url, self.servers)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.fixture
def verify(database_url: str, servers: Services) -> Verify:
    return Verify(database_url, servers)


async def test_a_whole_ledger(house: House, crowd: list[Person], verify: Verify) -> None:
    status, said, progress = await verify()

    entries = sum([len(await entries_of(who)) for who in crowd])
    assert (status, said) == (0, ["the ledger is whole"])
    assert f"entries: {entries} of {entries}" in progress

    status, said, progress = await verify(f"--volunteer {crowd[0].id}")
    assert (status, said) == (0, ["the ledger is whole"])
    assert "entries: 3 of 3" in progress
    assert await verify(f"--volunteer {crowd[0].key}") == (0, said, progress)


ENTRY = "UPDATE volunteering_entry SET {} WHERE volunteer_id = :{} AND sequence = 2"
ACCOUNT = "UPDATE volunteering_account SET {} WHERE volunteer_id = :{}"
BY_HAND = (
    # what was done, and the entry at which it shows (None: at none of them)
    (ENTRY.format("minutes = minutes + 60", "a"), 2),
    (ENTRY.format("kind = 'EXPIRY'", "b"), 2),
    (ENTRY.format("at = at - interval '1 day'", "c"), 2),
    (ENTRY.format("organization_id = volunteer_id", "d"), 2),
    (ENTRY.format("hash = decode(repeat('ab', 32), 'hex')", "e"), 2),
    (ACCOUNT.format("points = points + 1", "f"), None),
    (ACCOUNT.format("service_minutes = service_minutes + 60, points = points + 1", "g"), None),
    (ACCOUNT.format("head = decode(repeat('ab', 32), 'hex')", "h"), None),
    (ACCOUNT.format("lapses_at = now() + interval '9 years'", "i"), None),
    ("DELETE FROM volunteering_entry WHERE volunteer_id = :j AND sequence = 2", 3),
    # the second and the third in each other's place, past the constraint that each place is taken once
    ("UPDATE volunteering_entry SET sequence = sequence + 7 WHERE volunteer_id = :k AND sequence > 1", 2),
)
SWAPPED = "UPDATE volunteering_entry SET sequence = 12 - sequence WHERE volunteer_id = :k AND sequence > 1"
"""One thing for each of the crowd but the last, who is left alone; parameters are named by letters, in turn."""


async def test_each_broken_chain_is_named_by_its_first_broken_link(
    house: House, crowd: list[Person], verify: Verify
) -> None:
    victims = dict(zip("abcdefghijk", crowd, strict=False))
    keys: dict[str, object] = {letter: who.key for letter, who in victims.items()}
    async with by_hand(house, *(statement for statement, _ in BY_HAND), SWAPPED, **keys):
        status, said, _ = await verify()
        alone = await verify(f"--volunteer {crowd[0].id}")
        untouched = await verify(f"--volunteer {crowd[-1].id}")

    assert status == 1
    for who, (statement, sequence) in zip(victims.values(), BY_HAND, strict=True):
        first = next(line for line in said if line.startswith(f"volunteer {who.id}: "))
        where = "" if sequence is None else f"entry {sequence}: "
        assert first.startswith(f"volunteer {who.id}: {where}"), statement
        assert (": entry " in first) == (sequence is not None), (statement, first)
    assert not any(crowd[-1].id in line for line in said)
    assert alone[0] == 1
    assert {line.partition(":")[0] for line in alone[1]} == {f"volunteer {crowd[0].id}"}
    assert untouched[:2] == (0, ["the ledger is whole"])


async def test_whose_chain_is_no_volunteers(verify: Verify) -> None:
    status, said, error = await verify("--volunteer nobody")
    assert (status, said) == (2, [])
    assert "no id of a youth" in error
