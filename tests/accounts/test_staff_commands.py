"""`qingyi staff`, also in production, and `qingyi grant staff --phone`: whom they make can sign in."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from support.house import TEST_KEYS, House
from support.raw import everything
from support.staffing import Enrolled, a_number, signs_in
from support.texts import Texts, played
from typer.testing import CliRunner, Result

from api.cli import application
from domain.core.actors import StaffRole
from infra.embedded.services import Services
from infra.settings import settings

Qingyi = Callable[..., Awaitable[Result]]


@pytest.fixture
def qingyi(database_url: str, servers: Services) -> Iterator[Qingyi]:
    """Runs a command of a production deployment, unless it is told another environment."""
    app = application(["staff", "grant"])
    addresses = {"DATABASE_URL": database_url, "REDIS_URL": servers.redis_url, "QINGYI_KEYS": TEST_KEYS}

    async def run(*words: str, env: str = "production") -> Result:
        settings.cache_clear()
        runner = CliRunner(env={**addresses, "QINGYI_ENV": env})
        return await asyncio.to_thread(runner.invoke, app, words)

    yield run
    settings.cache_clear()


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def member_of(line: dict[str, Any], phone: str) -> Enrolled:
    return Enrolled(line["id"], phone, line["totpUri"], tuple(line["recoveryCodes"]), line.get("unitId", ""))


async def test_the_first_admin_of_a_deployment_is_added_and_signs_in(
    house: House, texts: Texts, qingyi: Qingyi
) -> None:
    phone = a_number()
    [made] = lines(await qingyi("staff", "add", "--phone", phone, "--name", "首位管理员", "--role", "admin"))
    assert set(made) == {"id", "unitId", "totpUri", "totpSecret", "recoveryCodes"}
    assert len(made["recoveryCodes"]) == 10
    pair = await signs_in(house, texts, member_of(made, phone))
    assert pair["viewer"]["staff"] == {"id": made["id"], "roles": ["ADMIN"]}

    [root] = (await house.anyone.run("{ units { id } }"))["units"]
    assert made["unitId"] == root["id"]
    again = await qingyi("staff", "add", "--phone", phone, "--name", "又一位", "--role", "admin")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == "qingyi: A member of staff has this phone number already.\n"


async def test_members_are_listed_with_their_numbers_masked(house: House, qingyi: Qingyi) -> None:
    phone, unit = a_number(), (await house.staff(StaffRole.AUDITOR, unit="440100")).unit_id
    for chosen in ("440100", unit):
        await qingyi("staff", "deactivate", phone)
        phone = a_number()
        added = await qingyi(
            "staff", "add", "--phone", phone, "--name", "列表", "--role", "auditor", "--unit", chosen
        )
        [made] = lines(added)
        assert made["unitId"] == unit
    result = await qingyi("staff", "list")
    listed = {line["id"]: line for line in lines(result)}
    assert listed[made["id"]] == {
        "id": made["id"],
        "name": "列表",
        "unitId": unit,
        "unit": "共青团广州市委员会",
        "roles": ["AUDITOR"],
        "active": True,
        "phoneMasked": f"{phone[:-8]}****{phone[-4:]}",
    }
    assert phone not in result.stdout
    assert made["totpSecret"] not in result.stdout
    assert any(not line["active"] for line in listed.values())


async def test_a_lost_device_is_replaced_on_the_server_by_id_or_number(
    house: House, texts: Texts, qingyi: Qingyi
) -> None:
    phone = a_number()
    [made] = lines(await qingyi("staff", "add", "--phone", phone, "--name", "换机", "--role", "auditor"))
    before = await signs_in(house, texts, member_of(made, phone))
    for steps, member in enumerate((made["id"], phone)):
        [reset] = lines(await qingyi("staff", "reset-totp", member))
        assert reset["id"] == made["id"]
        assert reset["totpSecret"] != made["totpSecret"]
        pair = await signs_in(house, texts, member_of(reset, phone), steps)
    assert pair
    assert await house.anyone.refused("refreshSession", "accessToken", refreshToken=before["refreshToken"])


async def test_a_member_is_deactivated_on_the_server_but_for_the_last_admin(
    house: House, texts: Texts, qingyi: Qingyi
) -> None:
    phone = a_number()
    [made] = lines(await qingyi("staff", "add", "--phone", phone, "--name", "停用", "--role", "admin"))
    pair = await signs_in(house, texts, member_of(made, phone))
    admins = [
        line["id"]
        for line in lines(await qingyi("staff", "list"))
        if line["active"] and line["unitId"] == made["unitId"] and "ADMIN" in line["roles"]
    ]
    for admin in admins:
        if admin != made["id"]:
            assert lines(await qingyi("staff", "deactivate", admin)) == [{"id": admin}]
    before = await everything(house)
    last = await qingyi("staff", "deactivate", made["id"])
    assert (last.exit_code, last.stdout) == (1, "")
    assert last.stderr == "qingyi: The unit at the root needs at least one active ADMIN.\n"
    assert await everything(house) == before

    await qingyi("staff", "add", "--phone", a_number(), "--name", "接任", "--role", "admin")
    assert lines(await qingyi("staff", "deactivate", phone)) == [{"id": made["id"]}]
    await asyncio.sleep(0.6)
    client = type(house.anyone)(house.http, pair["accessToken"])
    assert (await client.post("{ viewer { scopes } }")).status_code == 401
    assert lines(await qingyi("staff", "deactivate", phone)) == [{"id": made["id"]}]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("add", "--phone", "13800138000", "--name", "甲", "--role", "admin"), 2),
        (("add", "--phone", "+8614077700000", "--name", "甲", "--role", "king"), 2),
        (("add", "--phone", "+8614077700000", "--name", " ", "--role", "admin"), 1),
        (("add", "--phone", "+8614077700000", "--name", "甲", "--role", "admin", "--unit", "999999"), 1),
        (("deactivate", "nonsense"), 1),
        (("deactivate", "+8614099900000"), 1),
        (("reset-totp", "+1"), 2),
    ],
)
async def test_wrong_words_change_nothing(
    house: House, qingyi: Qingyi, words: tuple[str, ...], status: int
) -> None:
    before = await everything(house)
    result = await qingyi("staff", *words)
    assert (result.exit_code, result.stdout) == (status, "")
    assert "Traceback" not in result.stderr
    assert await everything(house) == before


async def test_granted_staff_sign_in_when_they_have_a_number(
    house: House, texts: Texts, qingyi: Qingyi
) -> None:
    phone = a_number()
    words = ("grant", "staff", "--role", "event_host", "--unit", "440300", "--phone", phone)
    assert (await qingyi(*words)).exit_code == 1  # in production nothing is granted
    [made] = lines(await qingyi(*words, env="development"))
    assert made["phone"] == phone
    assert made["totpSecret"] in made["totpUri"]
    pair = await signs_in(house, texts, member_of(made, phone))
    assert pair["viewer"]["staff"] == {"id": made["id"], "roles": ["EVENT_HOST"]}
    [other] = lines(await qingyi("grant", "staff", "--role", "auditor", env="development"))
    assert set(other) == {"id", "unitId", "accessToken"}
    twice = await qingyi(*words[:4], "--count", "2", "--phone", a_number(), env="development")
    assert twice.exit_code == 2
