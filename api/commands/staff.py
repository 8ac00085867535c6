"""`qingyi staff`: the first admin of a deployment, and what must be done on the server; also in production."""

from typing import Annotated, Any
from uuid import UUID

import typer

from api.commands.answers import parsed_phone, print_lines, shown_factor
from domain.accounts.models import STAFF_PHONE_INDEX
from domain.accounts.staff import members_everywhere
from domain.accounts.staffing import MemberFields, Written, appoint, change
from domain.accounts.units import unit_of_division
from domain.core.actors import StaffRole, System
from domain.core.blind_index import owner
from domain.core.db import Read
from domain.core.divisions import require_known
from domain.core.refusals import NotFound
from domain.core.sealing import Sealer
from graph.core.ids import Tag, encode, parse
from infra.database import EngineDatabase
from infra.sealing import RingSealer
from infra.tokens import AccessTokens

staff = typer.Typer(help="Members of staff, on the server (also in production).", no_args_is_help=True)

SERVER = System("staff")
_PLUS = "+"

Member = Annotated[str, typer.Argument(help="The member's id (see `list`) or number, E.164.")]


def _identity(tag: Tag, text: str) -> UUID | None:
    found = parse(text)
    return found[1] if found is not None and found[0] is tag else None


async def _unit(db: Read, text: str) -> UUID:
    """By id, or by the division that it looks after."""
    known = _identity(Tag.Unit, text)
    if known is not None:
        return known
    await require_known(db, [text], "unit")
    return await unit_of_division(db, text)


async def _member(db: Read, sealer: Sealer, text: str) -> UUID:
    found = (
        await owner(db, sealer, STAFF_PHONE_INDEX, parsed_phone(text))
        if text.startswith(_PLUS)
        else _identity(Tag.StaffMember, text)
    )
    if found is None:
        raise NotFound
    return found


@staff.command()
def add(
    phone: Annotated[str, typer.Option(help="E.164; where codes are sent.")],
    name: Annotated[str, typer.Option(help="The member's name, 1 to 100 characters.")],
    role: Annotated[list[StaffRole], typer.Option(case_sensitive=False, help="Repeatable.")],
    unit: Annotated[
        str, typer.Option(help="Division code or id of the unit; 440000 is the province.")
    ] = "440000",
) -> None:
    """A new member, as {id, unitId, totpUri, totpSecret, recoveryCodes}: the last three are shown this once."""
    number = parsed_phone(phone)

    async def make(database: EngineDatabase, sealer: RingSealer, _: AccessTokens) -> list[dict[str, Any]]:
        async with database.write(SERVER) as tx:
            unit_id = await _unit(tx, unit)
            made = await appoint(tx, sealer, unit_id=unit_id, name=name, phone=number, roles=role)
        return [{**_shown(made), "unitId": encode(Tag.Unit, unit_id)}]

    print_lines(make)


@staff.command("list")
def list_() -> None:
    """Everybody, active or not, as {id, name, unitId, unit, roles, active, phoneMasked}."""

    async def make(database: EngineDatabase, sealer: RingSealer, _: AccessTokens) -> list[dict[str, Any]]:
        async with database.read() as db:
            found = await members_everywhere(db)
        return [
            {
                "id": encode(Tag.StaffMember, member.id),
                "name": member.name,
                "unitId": encode(Tag.Unit, member.unit_id),
                "unit": unit,
                "roles": list(member.roles),
                "active": member.active,
                "phoneMasked": member.phone_masked(sealer),
            }
            for member, unit in found
        ]

    print_lines(make)


@staff.command()
def deactivate(member: Member) -> None:
    """A member acts no more, and is signed out within the second; as {id}."""
    _change(member, MemberFields(active=False))


@staff.command("reset-totp")
def reset_totp(member: Member) -> None:
    """New one-time passwords for who lost the device, as {id, totpUri, totpSecret, recoveryCodes}; signs the member out."""
    _change(member, MemberFields(), reset_totp=True)


def _change(member: str, wished: MemberFields, *, reset_totp: bool = False) -> None:
    async def make(database: EngineDatabase, sealer: RingSealer, _: AccessTokens) -> list[dict[str, Any]]:
        async with database.write(SERVER) as tx:
            key = await _member(tx, sealer, member)
            return [_shown(await change(tx, sealer, key, wished, reset_totp=reset_totp))]

    print_lines(make)


def _shown(written: Written) -> dict[str, Any]:
    return {"id": encode(Tag.StaffMember, written.id), **shown_factor(written.factor)}
