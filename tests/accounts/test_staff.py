"""Admins enter and change members of staff within their reach; what they do is written down and takes effect at once."""

import asyncio
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from sqlmodel import col
from support.asking import node
from support.client import Client
from support.house import House, Person
from support.raw import everything
from support.staffing import Enrolled, a_number, enrolled, reasons, signs_in, upsert_staff
from support.texts import Texts, played

from domain.accounts.models import StaffRow
from domain.accounts.second_factor import RecoveryCodeRow
from domain.accounts.staffing import LastAdmin, MemberFields, change
from domain.core.actors import StaffRole, System
from domain.core.states import StateEvent
from graph.core.ids import parse


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


def key_of(identity: str) -> UUID:
    found = parse(identity)
    assert found is not None
    return found[1]


async def events(house: House, identity: str) -> list[tuple[str, str, str | None]]:
    async with house.looking() as db:
        rows = await db.rows(
            sa.select(col(StateEvent.status), col(StateEvent.actor), col(StateEvent.note))
            .where(col(StateEvent.subject_id) == key_of(identity))
            .order_by(col(StateEvent.id))
        )
    return [tuple(row) for row in rows]


async def alone(house: House) -> None:
    """Nobody is a member any more but those whom the test makes from here on."""
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.update(StaffRow).values(active=False))


def as_member(house: House, pair: dict[str, str]) -> Client:
    return Client(house.http, pair["accessToken"])


async def test_a_new_member_is_given_the_means_to_sign_in_once(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="440100")
    phone = a_number()

    made = await upsert_staff(
        admin, unitId=admin.unit_id, name=" 陈新 ", phone=phone, roles=["AUDITOR", "EVENT_HOST", "AUDITOR"]
    )

    assert made["staff"]["name"] == "陈新"
    assert made["staff"]["roles"] == ["EVENT_HOST", "AUDITOR"]
    assert made["staff"]["unit"] == {"id": admin.unit_id}
    assert made["staff"]["phoneMasked"] == f"{phone[:-8]}****{phone[-4:]}"
    totp = pyotp.parse_uri(made["totpUri"])
    assert (totp.issuer, totp.name, totp.digits, totp.interval) == ("Qingyi", "陈新", 6, 30)
    assert len(totp.byte_secret()) == 20
    assert len(set(made["recoveryCodes"])) == 10
    # the same again, as an update: nothing is shown, nothing is changed
    before = await everything(house)
    again = await upsert_staff(
        admin,
        id=made["staff"]["id"],
        unitId=admin.unit_id,
        name="陈新",
        phone=phone,
        roles=["AUDITOR", "EVENT_HOST"],
    )
    assert (again["totpUri"], again["recoveryCodes"], again["userErrors"]) == (None, None, [])
    assert await everything(house) == before
    assert await events(house, made["staff"]["id"]) == [
        ("APPOINTED", f"staff:{admin.key}", "EVENT_HOST, AUDITOR"),
        ("TOTP_GIVEN", f"staff:{admin.key}", None),
    ]


async def test_one_number_is_of_one_member(house: House) -> None:
    admin, elsewhere = await house.staff(StaffRole.ADMIN), await house.staff(StaffRole.ADMIN, unit="440200")
    phone = a_number()
    member = await enrolled(admin, admin.unit_id, "AUDITOR", phone=phone)
    other = await enrolled(admin, admin.unit_id, "AUDITOR")
    before = await everything(house)
    taken = [("ALREADY_EXISTS", ["phone"])]
    assert reasons(await upsert_staff(elsewhere, unitId=elsewhere.unit_id, phone=phone)) == taken
    assert reasons(await upsert_staff(admin, id=other.id, unitId=admin.unit_id, phone=phone)) == taken
    assert await everything(house) == before
    # also two at once, and a number given up is free again
    free = a_number()
    both = await asyncio.gather(
        *(upsert_staff(admin, unitId=admin.unit_id, phone=free, name=f"同号{n}") for n in range(4))
    )
    assert sorted(len(payload["userErrors"]) for payload in both) == [0, 1, 1, 1]
    changed = await upsert_staff(admin, id=member.id, unitId=admin.unit_id, phone=a_number())
    assert changed["userErrors"] == []
    assert (await upsert_staff(elsewhere, unitId=elsewhere.unit_id, phone=phone))["userErrors"] == []


async def test_a_youth_may_be_a_member_of_staff_with_the_same_number(house: House) -> None:
    youth, admin = await house.youth(), await house.staff(StaffRole.ADMIN)
    assert await enrolled(admin, admin.unit_id, "CASE_WORKER", phone=youth.phone)


async def test_who_is_out_of_reach_is_not_there(house: House) -> None:
    # given an admin of a city, and members above, beside and below
    admin, root = await house.staff(StaffRole.ADMIN, unit="440400"), await house.staff(StaffRole.ADMIN)
    above = await enrolled(root, root.unit_id, "AUDITOR")
    units = {code: (await house.staff(StaffRole.AUDITOR, unit=code)).unit_id for code in ("440500", "440402")}
    beside = await enrolled(root, units["440500"], "AUDITOR")
    below = await enrolled(root, units["440402"], "AUDITOR")
    before = await everything(house)

    # then nobody beside or above is changed, and nobody is sent there
    for member in (above, beside):
        refused = await upsert_staff(
            admin, id=member.id, unitId=admin.unit_id, phone=member.phone, active=False
        )
        assert reasons(refused) == [("NOT_FOUND", ["id"])]
        assert await node(admin, "StaffMember", member.id, "id") is None
    for unit in (root.unit_id, units["440500"], "nonsense"):
        assert reasons(await upsert_staff(admin, unitId=unit, phone=a_number())) == [
            ("NOT_FOUND", ["unitId"])
        ]
        assert reasons(await upsert_staff(admin, id=below.id, unitId=unit, phone=below.phone)) == [
            ("NOT_FOUND", ["unitId"])
        ]
    assert reasons(await upsert_staff(admin, id="nonsense", unitId=admin.unit_id, phone=a_number())) == [
        ("NOT_FOUND", ["id"])
    ]
    assert await everything(house) == before
    moved = await upsert_staff(admin, id=below.id, unitId=admin.unit_id, phone=below.phone, roles=["ADMIN"])
    assert moved["staff"]["unit"] == {"id": admin.unit_id}
    assert moved["staff"]["roles"] == ["ADMIN"]


async def test_only_admins_change_members(house: House) -> None:
    admin, partner, youth = await house.staff(StaffRole.ADMIN), await house.partner(), await house.youth()
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    others = [await house.staff(role) for role in StaffRole if role is not StaffRole.ADMIN]
    await partner.run("{ viewer { scopes } }")  # the first use of a token is noted
    before = await everything(house)
    clients: list[tuple[Client, str]] = [(house.anyone, "UNAUTHENTICATED")]
    clients += [(client, "FORBIDDEN") for client in (youth, partner, *others)]
    for client, code in clients:
        assert reasons(await upsert_staff(client, unitId=admin.unit_id, phone=a_number())) == [(code, [])]
        refused = await upsert_staff(
            client, id=member.id, unitId=admin.unit_id, phone=member.phone, active=False
        )
        assert reasons(refused) == [(code, [])]
    assert await everything(house) == before


async def test_a_masked_number_is_seen_by_admins_in_reach_alone(house: House) -> None:
    root = await house.staff(StaffRole.ADMIN)
    county = (await house.staff(StaffRole.AUDITOR, unit="440106")).unit_id
    member = await enrolled(root, county, "AUDITOR")
    masked = f"{member.phone[:-8]}****{member.phone[-4:]}"
    for client, seen in (
        (root, masked),
        (await house.staff(StaffRole.ADMIN, unit="440100"), masked),
        (await house.staff(StaffRole.ADMIN, unit="440106"), masked),
        (await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440100"), None),
    ):
        assert await node(client, "StaffMember", member.id, "phoneMasked") == {"phoneMasked": seen}
    granted = await house.staff(StaffRole.AUDITOR, unit="440106")
    assert await node(root, "StaffMember", granted.id, "phoneMasked active") == {
        "phoneMasked": None,
        "active": True,
    }


async def test_nobody_changes_their_own_rights(house: House, texts: Texts) -> None:
    root = await house.staff(StaffRole.ADMIN)
    member = await enrolled(root, root.unit_id, "ADMIN")
    own = as_member(house, await signs_in(house, texts, member))
    below = (await house.staff(StaffRole.AUDITOR, unit="440100")).unit_id
    same = {"id": member.id, "unitId": root.unit_id, "phone": member.phone, "roles": ["ADMIN"]}
    before = await everything(house)
    for given, field in (
        ({"active": False}, "active"),
        ({"roles": ["AUDITOR"]}, "roles"),
        ({"roles": ["ADMIN", "AUDITOR"]}, "roles"),
        ({"unitId": below}, "unitId"),
        ({"phone": a_number()}, "phone"),
        ({"resetTotp": True}, "resetTotp"),
    ):
        assert reasons(await upsert_staff(own, **{**same, **given})) == [("FORBIDDEN", [field])]
    assert await everything(house) == before
    assert (await upsert_staff(own, **same, name="新名"))["staff"]["name"] == "新名"


async def test_deactivation_signs_out_within_the_second_and_coming_back_needs_a_sign_in(
    house: House, texts: Texts
) -> None:
    admin = await house.staff(StaffRole.ADMIN, unit="440100")
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    pair = await signs_in(house, texts, member)
    client = as_member(house, pair)
    assert (await client.post("{ viewer { staff { id } } }")).status_code == 200
    same = {"id": member.id, "unitId": admin.unit_id, "phone": member.phone, "roles": ["AUDITOR"]}

    gone = await upsert_staff(admin, **same, active=False)
    assert gone["staff"]["active"] is False
    await asyncio.sleep(0.6)
    assert (await client.post("{ viewer { staff { id } } }")).status_code == 401
    refused = await house.anyone.refused("refreshSession", "accessToken", refreshToken=pair["refreshToken"])
    assert refused == [("UNAUTHENTICATED", ["input", "refreshToken"])]

    # absent keeps: an update that does not name it leaves the member inactive
    assert (await upsert_staff(admin, **same, name="换名"))["staff"]["active"] is False
    listed = await node(admin, "Unit", admin.unit_id, "staff(active: false) { nodes { id } }")
    assert {"id": member.id} in listed["staff"]["nodes"]
    auditor = await house.staff(StaffRole.AUDITOR, unit="440100")
    assert await node(auditor, "Unit", admin.unit_id, "staff(active: false) { totalCount }") == {
        "staff": None
    }

    back = await upsert_staff(admin, **same, active=True)
    assert (back["staff"]["active"], back["totpUri"]) == (True, None)
    await asyncio.sleep(0.6)
    assert (await client.post("{ viewer { staff { id } } }")).status_code == 401
    assert await signs_in(house, texts, member, steps=1)
    assert [event for event, _, _ in await events(house, member.id)] == [
        "APPOINTED",
        "TOTP_GIVEN",
        "DEACTIVATED",
        "RENAMED",
        "RENAMED",
        "REACTIVATED",
    ]


async def test_new_roles_and_a_new_unit_take_effect_within_the_second(house: House, texts: Texts) -> None:
    admin = await house.staff(StaffRole.ADMIN)
    city = (await house.staff(StaffRole.AUDITOR, unit="440300")).unit_id
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    client = as_member(house, await signs_in(house, texts, member))

    async def may_list() -> tuple[bool, bool]:
        await asyncio.sleep(0.6)
        whole = await node(client, "Unit", admin.unit_id, "staff { totalCount }")
        part = await node(client, "Unit", city, "staff(active: false) { totalCount }")
        return whole["staff"] is not None, part["staff"] is not None

    assert await may_list() == (True, False)
    same = {"id": member.id, "phone": member.phone}
    await upsert_staff(admin, **same, unitId=city, roles=["AUDITOR"])
    assert await may_list() == (False, False)
    await upsert_staff(admin, **same, unitId=city, roles=["ADMIN"])
    assert await may_list() == (False, True)
    seen = (await client.run("{ viewer { staff { roles unit { id } } sessions { current } } }"))["viewer"]
    assert seen == {"staff": {"roles": ["ADMIN"], "unit": {"id": city}}, "sessions": [{"current": True}]}
    assert [event for event, _, _ in await events(house, member.id)][2:] == ["MOVED", "ROLES_CHANGED"]


async def test_a_lost_device_is_replaced_and_the_old_one_worth_nothing(house: House, texts: Texts) -> None:
    admin = await house.staff(StaffRole.ADMIN)
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    pair = await signs_in(house, texts, member)
    same = {"id": member.id, "unitId": admin.unit_id, "phone": member.phone, "roles": ["AUDITOR"]}

    reset = await upsert_staff(admin, **same, resetTotp=True)

    assert reset["totpUri"] != member.totp_uri
    assert set(reset["recoveryCodes"]).isdisjoint(member.recovery_codes)
    await asyncio.sleep(0.6)
    assert (await as_member(house, pair).post("{ viewer { scopes } }")).status_code == 401
    for old in (member.totp(house, 1), member.recovery_codes[0]):
        code = await texts.code(member.phone, "STAFF_SIGN_IN")
        given = {"phone": member.phone, "code": code, "totp": old}
        assert await house.anyone.refused("signInStaff", "accessToken", **given) == [
            ("INVALID_INPUT", ["input", "totp"])
        ]
    renewed = Enrolled(
        member.id, member.phone, reset["totpUri"], tuple(reset["recoveryCodes"]), member.unit_id
    )
    assert await signs_in(house, texts, renewed)
    assert ("TOTP_GIVEN", f"staff:{admin.key}", None) in (await events(house, member.id))[2:]


async def test_another_number_signs_the_member_out(house: House, texts: Texts) -> None:
    admin = await house.staff(StaffRole.ADMIN)
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    client = as_member(house, await signs_in(house, texts, member))
    phone = a_number()
    same = {"id": member.id, "unitId": admin.unit_id, "roles": ["AUDITOR"]}
    changed = await upsert_staff(admin, **same, phone=phone)
    assert changed["totpUri"] is None
    await asyncio.sleep(0.6)
    assert (await client.post("{ viewer { scopes } }")).status_code == 401
    moved = Enrolled(member.id, phone, member.totp_uri, (), member.unit_id)
    assert await signs_in(house, texts, moved, steps=1)
    assert ("PHONE_CHANGED", f"staff:{admin.key}", None) in await events(house, member.id)


async def test_a_member_granted_without_a_number_gets_the_means_with_one(house: House) -> None:
    admin, granted = await house.staff(StaffRole.ADMIN), await house.staff(StaffRole.AUDITOR)
    given = {"id": granted.id, "unitId": granted.unit_id, "phone": a_number()}
    assert (await upsert_staff(admin, **given))["totpUri"]
    assert (await upsert_staff(admin, **given))["totpUri"] is None


@pytest.mark.parametrize(
    ("given", "field"), [({"name": ""}, "name"), ({"name": "长" * 101}, "name"), ({"name": "a\tb"}, "name")]
)
async def test_bad_input_is_refused_at_its_field(house: House, given: dict[str, str], field: str) -> None:
    admin = await house.staff(StaffRole.ADMIN)
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    before = await everything(house)
    for more in ({"phone": a_number()}, {"id": member.id, "phone": member.phone}):
        payload = await upsert_staff(admin, unitId=admin.unit_id, **more, **given)
        assert reasons(payload) == [("INVALID_INPUT", [field])]
    assert await everything(house) == before


async def _admins(house: House, count: int) -> list[Person]:
    await alone(house)
    return [await house.staff(StaffRole.ADMIN) for _ in range(count)]


async def without_admin(house: House, who: Person, whom: Person, **given: object) -> dict[str, object]:
    wished = {"id": whom.id, "unitId": whom.unit_id, "phone": a_number(), "roles": ["ADMIN"], **given}
    return await upsert_staff(who, **wished)


async def test_of_two_admins_who_deactivate_each_other_one_stays(house: House) -> None:
    for _ in range(6):
        first, second = await _admins(house, 2)
        both = await asyncio.gather(
            without_admin(house, first, second, active=False),
            without_admin(house, second, first, active=False),
        )
        assert sorted(map(str, map(reasons, both))) == ["[('FORBIDDEN', [])]", "[]"]
        async with house.looking() as db:
            assert await db.scalar(sa.text("SELECT count(*) FROM accounts_staff WHERE active")) == 1


async def removed(house: House, whom: Person, wished: MemberFields) -> str | None:
    """As the server itself does it; the field at which it was refused."""
    try:
        async with house.database.write(System("test")) as tx:
            await change(tx, house.runtime.ports.sealer, whom.key, wished)
    except LastAdmin as refusal:
        return refusal.field[0]
    return None


@pytest.mark.parametrize("field", ["active", "roles", "unit_id"])
async def test_the_root_unit_keeps_an_admin_whoever_removes(house: House, field: str) -> None:
    [last] = await _admins(house, 1)
    city = await house.staff(StaffRole.ADMIN, unit="440100")
    await house.staff(StaffRole.AUDITOR)
    values = {"active": False, "roles": (StaffRole.AUDITOR,), "unit_id": key_of(city.unit_id)}
    wished = MemberFields(**{field: values[field]})
    before = await everything(house)
    assert await removed(house, last, wished) == field
    assert await everything(house) == before
    # others go, and with a second one the first may
    assert await removed(house, city, MemberFields(active=False)) is None
    assert await removed(house, last, MemberFields(roles=(StaffRole.AUDITOR, StaffRole.ADMIN))) is None
    await house.staff(StaffRole.ADMIN)
    assert await removed(house, last, wished) is None


async def test_of_two_last_admins_who_go_at_once_one_stays(house: House) -> None:
    for _ in range(6):
        both = await _admins(house, 2)
        gone = await asyncio.gather(*(removed(house, one, MemberFields(active=False)) for one in both))
        assert sorted(map(str, gone)) == ["None", "active"]


async def test_recovery_codes_and_secrets_are_not_in_clear_in_the_database(house: House) -> None:
    admin = await house.staff(StaffRole.ADMIN)
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    secret = pyotp.parse_uri(member.totp_uri).secret
    plain = [code.replace("-", "") for code in member.recovery_codes]
    async with house.looking() as db:
        kept = await db.rows(
            sa.select(RecoveryCodeRow).where(col(RecoveryCodeRow.staff_id) == key_of(member.id))
        )
        row = await db.first(sa.select(StaffRow).where(col(StaffRow.id) == key_of(member.id)))
    whole = f"{kept} {row}"
    assert len(kept) == 10
    assert [value for value in (secret, member.phone, *member.recovery_codes, *plain) if value in whole] == []
