"""Every kind of principal there is, each with the actor that the house takes it for."""

from dataclasses import dataclass
from uuid import UUID

from support.client import Client
from support.house import House, Person

from domain.core.actors import Actor, Anonymous, PartnerActor, Scope, StaffActor, StaffRole, YouthActor
from graph.core.ids import Tag, decode

UNIT = "440100"
"""Where the subjects are. Staff stand here, above, below and beside."""
PLACES = {"at": UNIT, "above": "440000", "below": "440106", "beside": "440300"}


@dataclass(frozen=True, slots=True)
class Principal:
    name: str
    client: Client
    actor: Actor


async def _staff(house: House) -> list[Principal]:
    found = []
    for role in StaffRole:
        for place, division in PLACES.items():
            person = await house.staff(role, unit=division)
            unit = decode(Tag.Unit, person.unit_id)
            actor = StaffActor(person.key, unit, frozenset({role}))
            found.append(Principal(f"{role.value} {place}", person, actor))
    return found


async def _partners(house: House, own: UUID) -> list[Principal]:
    """The subject's organization with each scope, and another with all of them."""
    found = []
    for scope in Scope:
        partner = await house.partner(existing=own, scopes=(scope.value,))
        actor = PartnerActor(own, own, frozenset({scope}))
        found.append(Principal(f"partner {scope.value}", partner, actor))
    other = await house.partner(division_code=UNIT)
    found.append(Principal("other partner", other, PartnerActor(other.key, other.key, frozenset(Scope))))
    return found


async def principals(house: House, youth: Person, organization: UUID) -> list[Principal]:
    """None, the youth whose things are asked for, another youth, staff of each role and place, partners."""
    other = await house.youth(verified=True, division_code=UNIT)
    return [
        Principal("nobody", house.anyone, Anonymous()),
        Principal("youth", youth, YouthActor(youth.key)),
        Principal("other youth", other, YouthActor(other.key)),
        *await _staff(house),
        *await _partners(house, organization),
    ]
