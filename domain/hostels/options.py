"""What stands between somebody and a stay, and where else they could sleep."""

from dataclasses import dataclass

from domain.accounts.models import Gender
from domain.core.actors import Actor, Anonymous, YouthActor
from domain.core.db import Read
from domain.core.refusals import NotAllowed, Refusal, SignInNeeded
from domain.hostels import stock
from domain.hostels.eligibility import NIGHTS_MOST, Standing, Stay, bar_of, faults, standings, stay_faults
from domain.hostels.finding import centre, nearest_with_bed
from domain.hostels.hostel import Hostel
from domain.hostels.selling_out import SoldOut


@dataclass(frozen=True, slots=True)
class Options:
    """`nights_left` is of the year of check-in; None when no youth asks."""

    reasons: list[Refusal]
    nights_left: int | None
    alternatives: list[Hostel]


async def options(db: Read, actor: Actor, hostel: Hostel, stay: Stay) -> Options:
    """Every reason against a stay, the want of a bed among them, and the nearest other hostels that have one."""
    who = await _standing(db, actor, hostel, stay)
    invalid = any(True for _ in stay_faults(hostel, stay, db.today))
    if who is None:
        reason = SignInNeeded if isinstance(actor, Anonymous | YouthActor) else NotAllowed
        reasons = [*stay_faults(hostel, stay, db.today), reason()]
        gender = None
    else:
        reasons = faults(hostel, stay, who, await bar_of(db, hostel), db.today)
        gender = who.youth.gender
    has_hold = who is not None and who.hold(stay) is not None
    if not invalid and not has_hold and not await _has_bed(db, hostel, stay, gender):
        reasons.append(SoldOut("check_in"))
    return Options(reasons, _nights_left(hostel, stay, who), await _elsewhere(db, hostel, stay, gender))


async def _standing(db: Read, actor: Actor, hostel: Hostel, stay: Stay) -> Standing | None:
    if not isinstance(actor, YouthActor):
        return None
    return (await standings(db, {actor.id: hostel.id}, stay.check_in, stay.check_out)).get(actor.id)


def _nights_left(hostel: Hostel, stay: Stay, who: Standing | None) -> int | None:
    if who is None:
        return None
    return max(0, hostel.free_nights_per_year - who.used.get(stay.check_in.year, 0))


async def _has_bed(db: Read, hostel: Hostel, stay: Stay, gender: Gender | None) -> bool:
    beds, nights = await stock.packing(db, hostel.id, stay.check_in, stay.check_out)
    return beds.find(nights.number(stay.check_in), nights.number(stay.check_out), gender) is not None


async def _elsewhere(db: Read, hostel: Hostel, stay: Stay, gender: Gender | None) -> list[Hostel]:
    if stay.check_in < db.today or not 1 <= stay.nights <= NIGHTS_MOST:
        return []
    near = await centre(db, hostel)
    return [] if near is None else await nearest_with_bed(db, near, stay, gender, but=hostel.id)
