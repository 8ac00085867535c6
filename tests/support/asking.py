"""What tests ask of the API again and again, and the policies they set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col
from support.client import Client
from support.house import House, Partner, Person
from support.listings import advanced, applied

from domain.core.actors import System
from domain.core.clock import day_of
from domain.core.policy import EVERYWHERE, Policy, PolicyRow


def day(house: House, after: int = 0) -> str:
    """A day so many days from the house's today."""
    return (day_of(house.clock()) + timedelta(days=after)).isoformat()


def instant(house: House, **after: float) -> str:
    return (house.clock() + timedelta(**after)).isoformat()


async def node(client: Client, kind: str, identity: str, selection: str) -> Any:
    """A node by its id; None when the client may not know of it."""
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {selection} }} }} }}"
    return (await client.run(document, id=identity))["node"]


async def listing(client: Client, identity: str, selection: str = "status") -> Any:
    return await node(client, "Internship", identity, selection)


async def application(client: Client, identity: str, selection: str = "status") -> Any:
    return await node(client, "InternshipApplication", identity, selection)


async def found(client: Client, **asked: Any) -> list[str]:
    """Ids of listings that a filter finds, in the order given."""
    data = await client.run(
        "query ($filter: InternshipFilter, $orderBy: InternshipOrder)"
        " { internships(filter: $filter, orderBy: $orderBy, first: 100) { nodes { id } } }",
        orderBy=asked.pop("order_by", None),
        filter=asked,
    )
    return [row["id"] for row in data["internships"]["nodes"]]


async def sent(client: Client, name: str, selection: str, given: dict[str, Any]) -> dict[str, Any]:
    """As `Client.mutate`, for an input that has fields called `name` or `selection`."""
    kind = name[0].upper() + name[1:] + "Input"
    document = (
        f"mutation ($input: {kind}!) {{ {name}(input: $input)"
        f" {{ {selection} userErrors {{ code message field }} }} }}"
    )
    return (await client.run(document, input=given))[name]


_INBOX = "notifications(first: 100) { nodes { id kind title body subject { id } readAt } }"


async def inbox(client: Person | Partner) -> list[dict[str, Any]]:
    """What the client was told, the newest first."""
    whose = "organization" if isinstance(client, Partner) else "youth"
    data = await client.run(f"{{ viewer {{ {whose} {{ {_INBOX} }} }} }}")
    return data["viewer"][whose]["notifications"]["nodes"]


async def told(client: Person | Partner) -> list[str]:
    """The kinds of what the client was told, the newest first."""
    return [notice["kind"] for notice in await inbox(client)]


async def refusals(youth: Client, identity: str, **given: Any) -> list[str]:
    """The codes with which an application to a listing is refused."""
    given = {"idempotencyKey": f"refused-{identity}", **given}
    reasons = await youth.refused("applyToInternship", "application { id }", internshipId=identity, **given)
    return [code for code, _ in reasons]


async def accept(youth: Person, application: str) -> None:
    await youth.done(
        "respondToInternshipOffer", "application { status }", applicationId=application, accept=True
    )


async def withdraw(youth: Person, application: str) -> None:
    await youth.done("withdrawInternshipApplication", "application { status }", applicationId=application)


_WAY = ("SHORTLISTED", "INTERVIEW", "OFFERED", "ACCEPTED", "ONBOARDED", "COMPLETED")


async def brought_to(partner: Partner, youth: Person, identity: str, status: str) -> str:
    """The id of a new application to a listing, walked to a state."""
    made = await applied(youth, identity, key=f"{status}-{identity}")
    last = "OFFERED" if status == "DECLINED" else status
    for state in _WAY[: _WAY.index(last) + 1] if last in _WAY else ():
        await (accept(youth, made) if state == "ACCEPTED" else advanced(partner, made, state))
    if status == "REJECTED":
        await advanced(partner, made, "REJECTED")
    elif status == "WITHDRAWN":
        await withdraw(youth, made)
    elif status == "DECLINED":
        await youth.done(
            "respondToInternshipOffer", "application { status }", applicationId=made, accept=False
        )
    return made


@asynccontextmanager
async def decided(
    house: House, policy: Policy[Any], value: object, division: str = EVERYWHERE
) -> AsyncIterator[None]:
    """Within, a division (everywhere, when none is named) has decided a policy so."""
    row = {"name": policy.name, "division_code": division, "value": value}
    async with house.database.write(System()) as tx:
        await tx.execute(pg_insert(PolicyRow).values(row))
    try:
        yield
    finally:
        async with house.database.write(System()) as tx:
            await tx.execute(
                sa.delete(PolicyRow).where(
                    col(PolicyRow.name) == policy.name, col(PolicyRow.division_code) == division
                )
            )
