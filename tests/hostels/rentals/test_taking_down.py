"""Programme managers in reach take flats down and put them back; who sees what of them."""

from typing import Any

from support.asking import inbox, node, sent, told
from support.client import Client
from support.house import House, Partner
from support.rentals import a_flat, found, posted, upserted, withdrawn

from domain.core.actors import StaffRole

MANAGER = StaffRole.PROGRAMME_MANAGER
RENTAL = "rental { id status history { status note } }"


async def status(client: Client, identity: str) -> str | None:
    row = await node(client, "Rental", identity, "status")
    return None if row is None else row["status"]


async def take_down(client: Client, identity: str, reason: str = "租金与合同不符") -> dict[str, Any]:
    return (await client.done("takeDownRental", RENTAL, rentalId=identity, reason=reason))["rental"]


async def restore(client: Client, identity: str, note: str | None = None) -> dict[str, Any]:
    return (await client.done("restoreRental", RENTAL, rentalId=identity, note=note))["rental"]


async def test_a_flat_is_taken_down_with_a_reason_and_its_landlord_told(house: House) -> None:
    partner, manager = await house.partner(), await house.staff(MANAGER)
    [made] = await posted(partner, a_flat(title="江边公寓"))

    rental = await take_down(manager, made, " 租金与合同不符 ")
    again = await take_down(manager, made, "另一个理由")

    assert rental["status"] == "TAKEN_DOWN"
    assert rental["history"][-1] == {"status": "TAKEN_DOWN", "note": "租金与合同不符"}
    assert again == rental
    assert await status(house.anyone, made) is None
    assert made not in await found(house.anyone)
    await house.work()
    notice = (await inbox(partner))[0]
    assert notice["kind"] == "RENTAL_TAKEN_DOWN"
    assert "江边公寓" in notice["body"]
    assert "租金与合同不符" in notice["body"]
    assert notice["subject"] == {"id": made}


async def test_its_landlord_alone_does_not_bring_it_back(house: House) -> None:
    partner, manager, said = await house.partner(), await house.staff(MANAGER), a_flat()
    [made] = await posted(partner, said)
    await take_down(manager, made)

    # when the landlord posts it again, mends it, withdraws it and posts it once more
    assert (await upserted(partner, said))[0]["outcome"] == "UNCHANGED"
    [mended] = await upserted(partner, {**said, "monthlyRentFen": 1_200_00})
    await withdrawn(partner, said["externalRef"])
    [once_more] = await upserted(partner, {**said, "monthlyRentFen": 1_200_00})

    # then each is kept, and nothing is listed
    assert [mended["outcome"], once_more["outcome"]] == ["UPDATED", "UPDATED"]
    assert once_more["rental"]["status"] == "TAKEN_DOWN"
    assert await status(house.anyone, made) is None
    seen = await node(manager, "Rental", made, "monthlyRentFen history { status }")
    assert seen["monthlyRentFen"] == 1_200_00
    assert [move["status"] for move in seen["history"]] == ["LISTED", "TAKEN_DOWN"]


async def test_staff_put_it_back(house: House) -> None:
    partner, manager, said = await house.partner(), await house.staff(MANAGER), a_flat()
    [made] = await posted(partner, said)
    await take_down(manager, made)

    rental, again = await restore(manager, made, "已更正"), await restore(manager, made)

    assert rental["status"] == "LISTED"
    assert rental["history"][-1] == {"status": "LISTED", "note": "已更正"}
    assert again == rental
    assert made in await found(house.anyone)
    await house.work()
    assert (await told(partner))[:2] == ["RENTAL_RESTORED", "RENTAL_TAKEN_DOWN"]


async def test_what_its_landlord_withdrew_meanwhile_stays_withdrawn(house: House) -> None:
    partner, manager, said = await house.partner(), await house.staff(MANAGER), a_flat()
    [made] = await posted(partner, said)
    await take_down(manager, made)
    assert (await withdrawn(partner, said["externalRef"]))[0]["rental"]["status"] == "TAKEN_DOWN"

    assert (await restore(manager, made))["status"] == "WITHDRAWN"
    assert await status(house.anyone, made) is None
    assert (await upserted(partner, said))[0]["rental"]["status"] == "LISTED"


async def test_only_programme_managers_in_reach(house: House) -> None:
    # given a flat of an organization of Tianhe
    partner = await house.partner(division_code="440106")
    [made] = await posted(partner, a_flat())
    beside = await house.staff(MANAGER, unit="440300")
    below = await house.staff(MANAGER, unit="440106")
    operator, auditor = await house.staff(StaffRole.HOSTEL_OPERATOR), await house.staff(StaffRole.AUDITOR)
    youth = await house.youth()

    # then nobody else takes it down or puts it back
    for client, reason in (
        (house.anyone, ("UNAUTHENTICATED", None)),
        (youth, ("FORBIDDEN", None)),
        (partner, ("FORBIDDEN", None)),
        (operator, ("FORBIDDEN", None)),
        (auditor, ("FORBIDDEN", None)),
        (beside, ("NOT_FOUND", ["input", "rentalId"])),
    ):
        assert await client.refused("takeDownRental", RENTAL, rentalId=made, reason="无") == [reason]
        assert await client.refused("restoreRental", RENTAL, rentalId=made) == [reason]
    assert await status(house.anyone, made) == "LISTED"

    # and its own unit does
    assert (await take_down(below, made))["status"] == "TAKEN_DOWN"
    for client in (beside, operator, auditor, youth, house.anyone, await house.partner()):
        assert await status(client, made) is None
    for client in (partner, below, await house.staff(StaffRole.ADMIN)):
        assert await status(client, made) == "TAKEN_DOWN"


async def test_a_reason_is_needed(house: House) -> None:
    partner, manager = await house.partner(), await house.staff(MANAGER)
    [made] = await posted(partner, a_flat())

    for reason in ("", " \n", "长" * 1_001):
        refused = await manager.refused("takeDownRental", RENTAL, rentalId=made, reason=reason)
        assert refused == [("INVALID_INPUT", ["input", "reason"])]
    for identity in (partner.id, "nonsense", ""):
        refused = await manager.refused("takeDownRental", RENTAL, rentalId=identity, reason="无")
        assert refused == [("NOT_FOUND", ["input", "rentalId"])]
    assert await status(house.anyone, made) == "LISTED"


async def test_a_token_without_the_scope_sees_what_anyone_sees(house: House) -> None:
    partner = await house.partner(scopes=("rentals:write",))
    [made] = await posted(partner, a_flat())
    history = "history { status }"
    assert (await node(partner, "Rental", made, history))["history"] == [{"status": "LISTED"}]

    # given another token of the same organization
    admin = await house.staff(StaffRole.ADMIN)
    wish = {"organizationId": partner.id, "name": "另一个", "scopes": ["internships:write"]}
    secret = (await sent(admin, "createApiToken", "secret", wish))["secret"]
    other = Client(house.http, secret)

    assert (await node(other, "Rental", made, history))["history"] is None


async def of_landlord(client: Client, partner: Partner, *statuses: str) -> list[str]:
    data = await client.run(
        "query ($id: ID!, $statuses: [RentalStatus!]) { node(id: $id) { ... on Organization {"
        " rentals(statuses: $statuses) { nodes { status } } } } }",
        id=partner.id,
        statuses=list(statuses) or None,
    )
    return [row["status"] for row in data["node"]["rentals"]["nodes"]]


async def test_the_list_of_a_landlord(house: House) -> None:
    """The latest entered first; others see what is listed."""
    partner, manager = await house.partner(), await house.staff(MANAGER)
    flats = [a_flat() for _ in range(3)]
    ids = await posted(partner, *flats)
    await withdrawn(partner, flats[1]["externalRef"])
    await take_down(manager, ids[0])

    for client in (partner, manager):
        assert await of_landlord(client, partner) == ["LISTED", "WITHDRAWN", "TAKEN_DOWN"]
        assert await of_landlord(client, partner, "TAKEN_DOWN", "LISTED") == ["LISTED", "TAKEN_DOWN"]
    assert await of_landlord(house.anyone, partner) == ["LISTED"]
    assert await of_landlord(house.anyone, partner, "WITHDRAWN", "TAKEN_DOWN") == []
