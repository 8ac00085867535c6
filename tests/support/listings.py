"""Listings and applications as tests make them."""

from itertools import count
from typing import Any

import sqlalchemy as sa
from support.house import House, Partner, Person

_numbers = count(1)


def a_listing(**others: Any) -> dict[str, Any]:
    """A valid InternshipInput; anything may be said otherwise."""
    number = next(_numbers)
    return {
        "externalRef": f"ref-{number}",
        "title": f"岗位{number}",
        "kind": "INTERNSHIP",
        "description": "参与团队日常工作，导师一对一指导。",
        "divisionCode": "440106",
        "headcount": 1,
        **others,
    }


RESULTS = "results { externalRef outcome internship { id status } userErrors { code message field } }"


async def upserted(partner: Partner, *listings: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of one call."""
    return (await partner.done("upsertInternships", RESULTS, internships=list(listings)))["results"]


async def posted(partner: Partner, listing: dict[str, Any], status: str = "PUBLISHED") -> str:
    """The id of a listing that must be taken."""
    [result] = await upserted(partner, listing)
    assert result["userErrors"] == [], result
    assert result["internship"]["status"] == status, result
    return result["internship"]["id"]


async def applied(youth: Person, listing: str, key: str = "key", **others: Any) -> str:
    """The id of an application that must be taken."""
    payload = await youth.done(
        "applyToInternship", "application { id }", internshipId=listing, idempotencyKey=key, **others
    )
    return payload["application"]["id"]


async def advanced(partner: Partner, application: str, *states: str) -> None:
    for state in states:
        await partner.done(
            "advanceInternshipApplication", "application { status }", applicationId=application, to=state
        )


async def offered(partner: Partner, youth: Person, listing: str) -> str:
    """The id of an application that has an offer."""
    application = await applied(youth, listing, key=f"offer-{next(_numbers)}")
    await advanced(partner, application, "SHORTLISTED", "INTERVIEW", "OFFERED")
    return application


async def status_of(house: House, client: Person | Partner, application: str) -> str:
    data = await client.run(
        "query ($id: ID!) { node(id: $id) { ... on InternshipApplication { status } } }", id=application
    )
    return data["node"]["status"]


async def analysed(house: House) -> None:
    """As autovacuum would: a search then knows how many rows hold its words."""
    async with house.runtime.database.engine.connect() as connection:
        await connection.execute(sa.text("ANALYZE internship_listing"))
        await connection.commit()
    house.clock.move(minutes=2)  # what is known of an index is kept for a minute
