"""Service, perks and claims as tests make them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from support.asking import day, node, sent
from support.client import Client
from support.house import House, Partner, Person

from domain.core.clock import day_of, start_of

_numbers = count(1)

ENTRY = (
    "id kind status minutes points balanceAfter memo at expiresAt hash previousHash activity externalRef"
    " startedAt endedAt organization { id }"
)
REDEMPTION = "redemption { id status code expiresAt usedAt }"


def at(house: House, days_ago: int, hour: float) -> datetime:
    """An hour of a day in Shanghai, so many days ago."""
    return start_of(day_of(house.clock()) - timedelta(days=days_ago)) + timedelta(hours=hour)


def a_record(
    house: House,
    who: Person | str,
    *,
    hours: float = 2,
    days_ago: int = 1,
    start: float = 6,
    ref: str | None = None,
    **others: Any,
) -> dict[str, Any]:
    """A valid ServiceRecordInput, from six in the morning of yesterday on."""
    begin = at(house, days_ago, start)
    return {
        "externalRef": ref or f"ref-{next(_numbers)}",
        "volunteerPhone": who if isinstance(who, str) else who.phone,
        "activity": "社区图书整理",
        "startedAt": begin.isoformat(),
        "endedAt": (begin + timedelta(hours=hours)).isoformat(),
        **others,
    }


RESULTS = "results { externalRef outcome status minutes userErrors { code message field } }"


async def recorded(partner: Partner | Client, *records: dict[str, Any]) -> list[dict[str, Any]]:
    """The result of each record of one call that is let in."""
    payload = await partner.done("recordServiceHours", RESULTS, records=list(records))
    return payload["results"]


async def served(
    partner: Partner, who: Person, *, hours: float, days_ago: int = 2, house: House | None = None
) -> dict[str, Any]:
    """One record from midnight of a day some days ago, by the real clock where no house is given."""
    now = datetime.now().astimezone() if house is None else house.clock()
    begin = start_of(day_of(now) - timedelta(days=days_ago))
    record = {
        "externalRef": f"ref-{next(_numbers)}",
        "volunteerPhone": who.phone,
        "activity": "赛事志愿服务",
        "startedAt": begin.isoformat(),
        "endedAt": (begin + timedelta(hours=hours)).isoformat(),
    }
    [result] = await recorded(partner, record)
    assert result["userErrors"] == [], result
    return result


async def given_hours(
    house: House, partner: Partner, who: Person, hours: int, *, until_days_ago: int = 1
) -> None:
    """So many hours, eight a day, on the days up to so many days ago."""
    records = []
    for number in range(-(-hours // 8)):
        left = min(8, hours - 8 * number)
        records.append(a_record(house, who, hours=left, days_ago=until_days_ago + number, start=8))
    for begin in range(0, len(records), 500):
        for result in await recorded(partner, *records[begin : begin + 500]):
            assert result["userErrors"] == [], result


ACCOUNT = "serviceMinutes stars minutesToNextStar pointsBalance"


async def account(who: Person, selection: str = ACCOUNT) -> dict[str, Any]:
    data = await who.run(f"{{ viewer {{ youth {{ volunteer {{ {selection} }} }} }} }}")
    return data["viewer"]["youth"]["volunteer"]


async def entries_of(who: Person) -> list[dict[str, Any]]:
    """The latest first."""
    found = await account(who, f"entries(first: 100) {{ totalCount nodes {{ {ENTRY} }} }}")
    return found["entries"]["nodes"]


def a_perk_input(house: House, merchant: Partner, **others: Any) -> dict[str, Any]:
    """A valid UpsertPerkInput, open from today on."""
    number = next(_numbers)
    return {
        "merchantId": merchant.id,
        "title": f"博物馆门票{number}",
        "description": "凭码免费参观一次。",
        "category": "CULTURE",
        "startsOn": day(house),
        **others,
    }


async def a_perk(staff: Person, merchant: Partner, **others: Any) -> str:
    """A perk open since long ago; its id."""
    given = {
        "merchantId": merchant.id,
        "title": f"博物馆门票{next(_numbers)}",
        "description": "凭码免费参观一次。",
        "category": "CULTURE",
        "startsOn": "2026-01-01",
        **others,
    }
    payload = await sent(staff, "upsertPerk", "perk { id }", given)
    assert payload["userErrors"] == [], payload
    return payload["perk"]["id"]


async def redeem(who: Person, perk: str, key: str | None = None) -> dict[str, Any]:
    """The payload, whatever it is."""
    key = key or f"redeem-{next(_numbers)}"
    return await who.mutate("redeemPerk", REDEMPTION, perkId=perk, idempotencyKey=key)


async def redeemed(who: Person, perk: str) -> dict[str, Any]:
    """A redemption that must succeed."""
    payload = await redeem(who, perk)
    assert payload["userErrors"] == [], payload
    return payload["redemption"]


async def redemption(who: Client, identity: str, selection: str = "status code") -> Any:
    return await node(who, "PerkRedemption", identity, selection)


async def perk(who: Client, identity: str, selection: str = "stock remaining") -> Any:
    return await node(who, "Perk", identity, selection)


async def claimed(who: Person, amount_fen: int = 1_000_00, **others: Any) -> str:
    given = {
        "reason": "SERIOUS_ILLNESS",
        "description": "住院治疗",
        "amountFen": amount_fen,
        "idempotencyKey": f"claim-{next(_numbers)}",
        **others,
    }
    payload = await who.done("claimCareFund", "claim { id }", **given)
    return payload["claim"]["id"]


CERTIFICATE = (
    "certificate { id code title holderName url issuedOn revokedAt revocationReason signature issuer { id }"
    " service { since until minutes stars servedSince organizations } }"
)


async def certified(who: Person, **given: Any) -> dict[str, Any]:
    """A certificate of service that must be given."""
    key = f"certificate-{next(_numbers)}"
    payload = await who.done("requestServiceCertificate", CERTIFICATE, idempotencyKey=key, **given)
    return payload["certificate"]
