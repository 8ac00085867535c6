"""`qingyi keys` as an operator calls it, and what `qingyi doctor` says of keys."""

import os
import re
import subprocess
import sys

import pytest
import sqlalchemy as sa
from sqlmodel import col
from support.house import House
from support.raw import everything
from support.rings import IN_FRONT, NEW, OLD, sealer_of, settings_with
from support.staffing import enrolled
from support.wall_clock import SAME_TIME

from domain.core.actors import StaffRole, System
from domain.core.blind_index import BlindIndexRow
from infra.checks import check_of_data
from infra.embedded.services import PROJECT, Services
from infra.keys import new_key, parse_keys

pytestmark = pytest.mark.timeout(400)  # a process for each command

KEY = re.compile(r"[a-z0-9]{1,12}:[A-Za-z0-9+/]{43}=")


def ran(asked: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *asked.split()],
        cwd=PROJECT,
        env={"PATH": os.defpath, **SAME_TIME, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class Operator:
    """Calls commands on the test's database with a ring."""

    def __init__(self, database_url: str, servers: Services) -> None:
        self.database_url = database_url
        self.servers = servers

    def __call__(self, asked: str, ring: str) -> tuple[int, str, str]:
        done = ran(
            asked,
            DATABASE_URL=self.database_url,
            REDIS_URL=self.servers.redis_url,
            QINGYI_KEYS=ring,
            QINGYI_ENV="production",
        )
        for secret in re.findall(r":([^,]+)", ring):
            assert secret not in done.stdout + done.stderr
        return done.returncode, re.sub(" +", " ", done.stdout), done.stderr


@pytest.fixture
def operator(database_url: str, servers: Services) -> Operator:
    return Operator(database_url, servers)


async def test_the_way_from_the_old_key_to_the_new(emptied: House, operator: Operator) -> None:
    # given people and a partner under the old key
    house = emptied
    await house.youths(3, verified=True)
    partner = await house.partner()
    assert partner.token is not None

    # then with the new one in front the old one must stay
    status, said, _ = operator("keys status", IN_FRONT)
    assert status == 0
    assert said.startswith("test2 the newest\n nothing depends on it yet\ntest1 older\n")
    for line in ("accounts_youth.phone_sealed 3", "core_blind_index.phone 3", "live API token 1"):
        assert f"\n {line}\n" in said
    assert partner.token[:10] in said
    assert said.endswith("test1 must stay\n")

    # when all is made anew, it is said in plain lines, and the token alone keeps the old key
    status, said, complaints = operator("keys rotate", IN_FRONT)
    assert (status, said) == (0, "6 fields sealed anew, 3 rows of the blind index added\n")
    assert "accounts_youth: 3 of 3\n" in complaints
    assert "\x1b" not in complaints
    status, said, _ = operator("keys status", IN_FRONT)
    assert f"test1 older\n live API token 1\n {partner.token[:10]}\n core_blind_index.phone 3 spare" in said
    assert said.endswith("test1 must stay\n")

    # when it has ended too, the old one may go, and what is left of it is removed
    async with house.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE partners_api_token SET revoked_at = now()")
    status, said, _ = operator("keys status", IN_FRONT)
    assert said.endswith("test1 may be removed\n")
    status, said, _ = operator("keys status", NEW)
    assert (status, "test1 NOT IN THE RING" in said) == (0, True)
    assert operator("keys prune", NEW)[:2] == (0, "3 rows of the blind index removed\n")
    assert "test1" not in operator("keys status", NEW)[1]


async def test_a_key_that_is_missed_is_said_and_nothing_of_it_is_removed(
    emptied: House, operator: Operator, database_url: str, servers: Services
) -> None:
    house = emptied
    await house.youth()
    await house.partner()
    before = await everything(house)

    status, said, _ = operator("keys status", NEW)
    assert (status, "test1 NOT IN THE RING" in said, "cannot be opened" in said) == (1, True, True)
    status, said, complaints = operator("keys prune", NEW)
    assert (status, said) == (1, "0 rows of the blind index removed\n")
    assert "1 rows stay" in complaints
    status, _, complaints = operator("keys rotate", NEW)
    assert status == 1
    assert "accounts_youth.phone_sealed of " in complaints
    assert "it does not open" in complaints
    assert await everything(house) == before

    check = await check_of_data(settings_with(NEW, database_url, servers))
    assert not check.good
    for what in ("accounts_youth.phone_sealed needs test1", "live API token needs test1"):
        assert what in check.text
    status, said, _ = operator("doctor", NEW)
    assert (status, "WRONG data " in said) == (1, True)


async def test_codes_that_nobody_uses_are_named_by_their_member(emptied: House, operator: Operator) -> None:
    admin = await emptied.staff(StaffRole.ADMIN)
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    assert operator("keys rotate", IN_FRONT)[0] == 0
    _, said, _ = operator("keys status", IN_FRONT)
    assert f"test1 older\n live recovery code 10\n {member.id}\n" in said


async def test_the_doctor_tells_a_key_that_was_replaced_under_its_name(
    emptied: House, database_url: str, servers: Services
) -> None:
    await emptied.youth()
    good = await check_of_data(settings_with(OLD, database_url, servers))
    assert (good.name, good.good) == ("data", True), good.text
    other = await check_of_data(settings_with(new_key("test1"), database_url, servers))
    assert not other.good
    assert "accounts_youth.phone_sealed does not open" in other.text


async def test_the_doctor_misses_a_text_that_no_key_of_the_ring_finds(
    emptied: House, database_url: str, servers: Services
) -> None:
    youth = await emptied.youth()
    async with emptied.database.write(System()) as tx:
        await tx.execute(
            sa.update(BlindIndexRow).where(col(BlindIndexRow.owner_id) == youth.key).values(key_id="gone")
        )
    check = await check_of_data(settings_with(OLD, database_url, servers))
    assert (check.good, check.text) == (False, "core_blind_index.phone needs gone")
    status = ran(
        "keys rotate", DATABASE_URL=database_url, REDIS_URL=servers.redis_url, QINGYI_KEYS=IN_FRONT
    ).returncode
    assert status == 0


def test_a_new_key_is_printed_and_kept_nowhere() -> None:
    named, unnamed, wrong = ran("keys new --id k2"), ran("keys new"), ran("keys new --id K_2")
    assert named.stdout.startswith("k2:")
    for done in (named, unnamed):
        assert KEY.fullmatch(done.stdout.strip())
        assert parse_keys(done.stdout).newest.secret
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert sealer_of(named.stdout.strip()).key_ids == ("k2",)
