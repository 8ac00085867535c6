"""Posting flats: up to 500 a call, keyed by externalRef, each standing or falling alone."""

from typing import Any

import pytest
from support.asking import day, node
from support.client import Client
from support.house import House
from support.rentals import RESULTS, a_flat, found, posted, upserted, withdrawn

from domain.core.actors import StaffRole

RECORD = "title status history { status at note }"


async def flat(client: Client, identity: str, selection: str = RECORD) -> Any:
    return await node(client, "Rental", identity, selection)


def faults(result: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(reason["code"], reason["field"]) for reason in result["userErrors"]]


async def count_of(house: House, partner_id: str) -> int:
    data = await node(house.anyone, "Organization", partner_id, "rentals { totalCount }")
    return data["rentals"]["totalCount"]


async def test_all_that_was_said_is_read_again_by_anyone(house: House) -> None:
    partner = await house.partner()
    said = a_flat(
        location={"latitude": 23.1291, "longitude": 113.2644},
        areaSquareMeters=35,
        bedrooms=0,
        contactUrl="https://flats.example/1?from=青年",
        availableFrom=day(house, 30),
    )

    [result] = await upserted(partner, said)

    assert (result["outcome"], result["externalRef"]) == ("CREATED", said["externalRef"])
    read = await flat(
        house.anyone,
        result["rental"]["id"],
        "externalRef title address monthlyRentFen discountPercent areaSquareMeters bedrooms contactUrl availableFrom"
        " location { latitude longitude } division { code } landlord { id } distanceMeters status history { status }",
    )
    assert read.pop("division") == {"code": said.pop("divisionCode")}
    assert read.pop("landlord") == {"id": partner.id}
    assert (read.pop("status"), read.pop("distanceMeters"), read.pop("history")) == ("LISTED", None, None)
    assert read == said


async def test_the_same_content_again_is_unchanged_and_touches_nothing(house: House) -> None:
    partner, said = await house.partner(), a_flat(contactUrl=None)
    [made] = await posted(partner, said)
    before = await _row(house, made)

    house.clock.move(minutes=5)
    again = {**said, "title": f" {said['title']} ", "contactUrl": ""}
    results = [(await upserted(partner, each))[0] for each in (said, again)]

    assert [(result["outcome"], result["rental"]["id"]) for result in results] == [("UNCHANGED", made)] * 2
    assert await _row(house, made) == before


async def _row(house: House, identity: str) -> Any:
    return await flat(house.anyone, identity, "title monthlyRentFen bedrooms status")


async def test_other_content_updates_the_flat(house: House) -> None:
    partner, said = await house.partner(), a_flat(bedrooms=2)
    [made] = await posted(partner, said)
    del said["bedrooms"]

    [result] = await upserted(partner, {**said, "monthlyRentFen": 1_400_00})

    assert (result["outcome"], result["rental"]["id"]) == ("UPDATED", made)
    after = await flat(partner, made, "monthlyRentFen bedrooms history { status }")
    assert after == {"monthlyRentFen": 1_400_00, "bedrooms": None, "history": [{"status": "LISTED"}]}


async def test_one_bad_flat_does_not_hurt_the_rest(house: House) -> None:
    partner = await house.partner()

    results = await upserted(partner, a_flat(), a_flat(discountPercent=0), a_flat())

    assert [result["outcome"] for result in results] == ["CREATED", "REJECTED", "CREATED"]
    assert results[1]["rental"] is None
    assert faults(results[1]) == [("INVALID_INPUT", ["input", "rentals", "1", "discountPercent"])]
    assert await count_of(house, partner.id) == 2


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("externalRef", " ", ["externalRef"]),
        ("externalRef", "长" * 101, ["externalRef"]),
        ("title", "\u3000", ["title"]),
        ("title", "长" * 81, ["title"]),
        ("divisionCode", "999999", ["divisionCode"]),
        ("divisionCode", "", ["divisionCode"]),
        ("divisionCode", "44%" * 1_000, ["divisionCode"]),
        ("address", "", ["address"]),
        ("address", "长" * 201, ["address"]),
        ("location", {"latitude": 90.1, "longitude": 113.0}, ["location", "latitude"]),
        ("location", {"latitude": 23.0, "longitude": -180.5}, ["location", "longitude"]),
        ("monthlyRentFen", 0, ["monthlyRentFen"]),
        ("monthlyRentFen", -1, ["monthlyRentFen"]),
        ("monthlyRentFen", 1_500, ["monthlyRentFen"]),  # yuan taken for fen
        ("monthlyRentFen", 100_000_01, ["monthlyRentFen"]),
        ("discountPercent", 0, ["discountPercent"]),
        ("discountPercent", 100, ["discountPercent"]),
        ("areaSquareMeters", 0, ["areaSquareMeters"]),
        ("areaSquareMeters", 2_001, ["areaSquareMeters"]),
        ("bedrooms", -1, ["bedrooms"]),
        ("bedrooms", 21, ["bedrooms"]),
        ("contactUrl", "http://flats.example", ["contactUrl"]),
        ("contactUrl", "javascript:alert(1)", ["contactUrl"]),
        ("contactUrl", "https://", ["contactUrl"]),
        ("contactUrl", "https://bank.example@flats.example/", ["contactUrl"]),
        ("contactUrl", "https://flats.example/a b", ["contactUrl"]),
        ("contactUrl", "https://flats.example:99999/", ["contactUrl"]),
        ("contactUrl", "https://[flats.example/", ["contactUrl"]),
        ("contactUrl", "https://flats.example/" + "a" * 500, ["contactUrl"]),
        ("availableFrom", "2199-12-31", ["availableFrom"]),
    ],
)
async def test_a_rule_that_is_broken_is_named(house: House, field: str, value: Any, at: list[str]) -> None:
    partner = await house.partner()

    [result] = await upserted(partner, a_flat(**{field: value}))

    assert result["outcome"] == "REJECTED"
    assert faults(result) == [("INVALID_INPUT", ["input", "rentals", "0", *at])]
    assert await count_of(house, partner.id) == 0


async def test_every_fault_of_a_flat_is_named(house: House) -> None:
    [result] = await upserted(
        await house.partner(),
        a_flat(title="", monthlyRentFen=0, divisionCode="1", location={"latitude": 91, "longitude": 181}),
    )

    assert sorted(field[-1] for _, field in faults(result)) == [
        "divisionCode",
        "latitude",
        "longitude",
        "monthlyRentFen",
        "title",
    ]


async def test_numbers_too_small_to_multiply_are_places_too(house: House) -> None:
    """Postgres refuses an underflow: neither a flat nor a search may cause one."""
    partner = await house.partner()
    [made] = await posted(partner, a_flat(location={"latitude": 5e-324, "longitude": -1e-300}))

    rows = await found(
        house.anyone, "id distanceMeters", near={"latitude": 1e-320, "longitude": 3e-200}, withinMeters=1
    )

    assert rows == [{"id": made, "distanceMeters": 0}]


async def test_a_refused_change_leaves_the_flat_as_it_was(house: House) -> None:
    partner, said = await house.partner(), a_flat()
    [made] = await posted(partner, said)

    [result] = await upserted(partner, {**said, "title": "长" * 81})

    assert result["outcome"] == "REJECTED"
    assert (await flat(partner, made))["title"] == said["title"]


async def test_a_ref_may_stand_once_in_a_call(house: House) -> None:
    partner = await house.partner()

    first, second = await upserted(partner, a_flat(externalRef="twice"), a_flat(externalRef="twice"))

    assert first["outcome"] == "CREATED"
    assert faults(second) == [("INVALID_INPUT", ["input", "rentals", "1", "externalRef"])]
    assert await count_of(house, partner.id) == 1


async def test_the_same_ref_of_two_organizations_is_two_flats(house: House) -> None:
    one, other = await house.partner(), await house.partner()
    [first] = await posted(one, a_flat(externalRef="shared", title="甲的房"))

    [second] = await posted(other, a_flat(externalRef="shared", title="乙的房"))

    assert first != second
    assert (await flat(house.anyone, first, "title"))["title"] == "甲的房"


async def test_500_at_once_and_no_more(house: House) -> None:
    partner = await house.partner()
    flats = [a_flat() for _ in range(501)]

    refused = await partner.refused("upsertRentals", RESULTS, rentals=flats)
    assert refused == [("INVALID_INPUT", ["input", "rentals"])]
    assert await count_of(house, partner.id) == 0

    assert len(await posted(partner, *flats[:500])) == 500
    assert await count_of(house, partner.id) == 500
    assert await upserted(partner) == []


# ── who may ──────────────────────────────────────────────────────────────────
async def test_only_a_token_with_the_scope_posts(house: House) -> None:
    reader = await house.partner(scopes=("internships:write", "perks:verify"))
    manager, youth = await house.staff(StaffRole.PROGRAMME_MANAGER), await house.youth()

    for client, code in (
        (reader, "FORBIDDEN"),
        (manager, "FORBIDDEN"),
        (youth, "FORBIDDEN"),
        (house.anyone, "UNAUTHENTICATED"),
    ):
        assert await client.refused("upsertRentals", RESULTS, rentals=[a_flat()]) == [(code, None)]
        assert await client.refused("withdrawRentals", RESULTS, externalRefs=["1"]) == [(code, None)]
    assert await count_of(house, reader.id) == 0


async def test_an_unverified_organization_does_not_post(house: House) -> None:
    partner = await house.partner(verified=False)

    assert await partner.refused("upsertRentals", RESULTS, rentals=[a_flat()]) == [("NOT_ELIGIBLE", None)]
    assert await count_of(house, partner.id) == 0


async def test_flats_are_hidden_while_their_organization_is_not_verified(house: House) -> None:
    partner, admin = await house.partner(), await house.staff(StaffRole.ADMIN)
    said = a_flat()
    [made] = await posted(partner, said)

    async def verify(*, verified: bool) -> None:
        await admin.done(
            "verifyOrganization", "organization { id }", organizationId=partner.id, verified=verified
        )

    await verify(verified=False)
    assert await flat(house.anyone, made) is None
    assert made not in await found(house.anyone)
    assert await count_of(house, partner.id) == 0
    assert (await flat(partner, made))["status"] == "LISTED"  # its own side sees it still

    await verify(verified=True)
    assert made in await found(house.anyone)


# ── withdrawing ──────────────────────────────────────────────────────────────
async def test_a_withdrawn_flat_is_gone_until_it_is_posted_again(house: House) -> None:
    # given a flat that was withdrawn
    partner, said = await house.partner(), a_flat()
    [made] = await posted(partner, said)
    first, again = [(await withdrawn(partner, said["externalRef"]))[0] for _ in range(2)]
    assert [first["outcome"], again["outcome"]] == ["UPDATED", "UNCHANGED"]
    assert first["rental"] == {"id": made, "status": "WITHDRAWN"}

    # then nobody else sees it
    assert await flat(house.anyone, made) is None
    assert await count_of(house, partner.id) == 0
    assert (await flat(partner, made))["status"] == "WITHDRAWN"

    # when the same content is posted
    [back] = await upserted(partner, said)

    # then it is the same flat, listed
    assert (back["outcome"], back["rental"]) == ("UPDATED", {"id": made, "status": "LISTED"})
    assert [move["status"] for move in (await flat(partner, made))["history"]] == [
        "LISTED",
        "WITHDRAWN",
        "LISTED",
    ]
    assert (await upserted(partner, said))[0]["outcome"] == "UNCHANGED"


async def test_withdrawing_is_decided_for_each(house: House) -> None:
    partner, other = await house.partner(), await house.partner()
    mine, foreign = a_flat(), a_flat()
    await posted(partner, mine)
    [theirs] = await posted(other, foreign)

    ref = mine["externalRef"]
    results = await withdrawn(partner, "unknown", ref, foreign["externalRef"], ref)

    assert [result["outcome"] for result in results] == ["REJECTED", "UPDATED", "REJECTED", "REJECTED"]
    assert [faults(result) for result in results] == [
        [("NOT_FOUND", ["input", "externalRefs", "0"])],
        [],
        [("NOT_FOUND", ["input", "externalRefs", "2"])],
        [("INVALID_INPUT", ["input", "externalRefs", "3"])],
    ]
    assert (await flat(other, theirs))["status"] == "LISTED"


async def test_at_most_500_are_withdrawn_at_once(house: House) -> None:
    partner = await house.partner()
    [made] = await posted(partner, a_flat(externalRef="0"))

    refused = await partner.refused("withdrawRentals", RESULTS, externalRefs=[str(n) for n in range(501)])

    assert refused == [("INVALID_INPUT", ["input", "externalRefs"])]
    assert (await flat(partner, made))["status"] == "LISTED"
