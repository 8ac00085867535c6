"""
The ledger of volunteers as rows: service on days of the last two years, its corrections, points that have lapsed; the account
that it leads to. Written by the rules of `domain.volunteering`, which `qingyi ledger verify` asks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from domain.volunteering.chain import genesis, hash_of_texts, microseconds
from domain.volunteering.lapsing import years_after
from domain.volunteering.ledger import MINUTES_A_POINT
from domain.volunteering.policies import POINTS_LAST_YEARS
from domain.volunteering.stars import stars_of
from domain.volunteering.states import Decider, LedgerKind, LedgerStatus
from infra.demo.bulk.binary import NULL, count, instant, int2, int4, raw, text
from infra.demo.bulk.shape import Days
from infra.demo.bulk.tables import COLUMNS
from infra.demo.volunteering import ACTIVITIES

_HOUR, _MINUTE = 3_600_000_000, 60_000_000
_OLDEST_DAYS = 700
_LAPSED_DAYS = 800
"""Days ago: points of the last _OLDEST_DAYS have not lapsed, those of _LAPSED_DAYS have, some weeks ago."""
_CORRECTED, _LAPSES = 4, 5
"""Chains of so many entries have a correction as the third, or a lapse as the last."""
_SLOT, _SLOTS_LEAST, _SLOTS_MOST = 30, 4, 16
"""Minutes; a day has two to eight hours of service."""

_ENTRY, _RECORD, _ACCOUNT = (
    count(len(COLUMNS[table]))
    for table in ("volunteering_entry", "volunteering_record", "volunteering_account")
)
_SERVICE, _CORRECTION, _EXPIRY = (
    (one.value, text(one)) for one in (LedgerKind.SERVICE, LedgerKind.CORRECTION, LedgerKind.EXPIRY)
)
_POSTED, _PENDING = text(LedgerStatus.POSTED), text(LedgerStatus.PENDING)
_DECIDERS = tuple(text(one) for one in Decider)
_ACTIVITIES = tuple((one, text(one)) for one in ACTIVITIES)
_STARS = tuple(int2(stars) for stars in range(6))


@dataclass(frozen=True, slots=True)
class Served:
    """A record of service, as its entries speak of it."""

    id: bytes
    organization: bytes
    minutes: int
    evidence: bytes


@dataclass(slots=True)
class Chain:
    """A volunteer's chain while it is written."""

    key: bytes
    name: str
    head: bytes
    sequence: int = 0
    minutes: int = 0
    consumed: int = 0
    points: int = 0
    stars: int = 0
    lapses: int | None = None


@dataclass(slots=True)
class Ledger:
    """The rows of some volunteers."""

    chance: Random
    days: Days
    organizations: Sequence[bytes]
    units: Sequence[bytes]
    """Of the organizations, in their order."""
    entries: list[bytes] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    accounts: list[bytes] = field(default_factory=list)
    _expiries: list[int] = field(init=False)
    """By how many days ago the service was entered."""

    def __post_init__(self) -> None:
        evenings = (self.days.evening(ago) for ago in range(_LAPSED_DAYS + 1))
        self._expiries = [microseconds(years_after(at, POINTS_LAST_YEARS.default)) for at in evenings]

    def add(self, key: bytes, number: int, length: int) -> None:
        """The chain of a volunteer, of so many entries, and the account."""
        chain = Chain(key, key.hex(), genesis(UUID(bytes=key)))
        home = self.organizations[int(self.chance.random() * len(self.organizations))]
        refs = iter(range(length))
        services, newest = length, 1
        if length == _LAPSES:
            services, newest = services - 2, _LAPSED_DAYS - _OLDEST_DAYS
            self._served(chain, home, _LAPSED_DAYS, f"demo-{number}-{next(refs)}")
            chain.lapses = None
        elif length == _CORRECTED:
            services -= 1
        lapsed = chain.points
        step = (_OLDEST_DAYS - newest) // services
        for place in range(services):
            ago = _OLDEST_DAYS - place * step - int(self.chance.random() * (step - 1))
            corrected = length == _CORRECTED and place == 1
            self._served(chain, home, ago, f"demo-{number}-{next(refs)}", corrected=corrected)
        if lapsed:
            at = self._expiries[_LAPSED_DAYS] + _HOUR
            self._enter(chain, _EXPIRY, at, self.days.id_at(at), consumes=lapsed)
        self.accounts.append(
            b"".join(
                (
                    _ACCOUNT,
                    raw(key),
                    int4(chain.minutes),
                    int4(chain.consumed),
                    int4(chain.points),
                    _STARS[chain.stars],
                    int4(chain.sequence),
                    raw(chain.head),
                    NULL if chain.lapses is None else instant(chain.lapses),
                )
            )
        )

    def wait(self, key: bytes, number: int) -> None:
        """A record of ten or more hours of yesterday, for a second person to decide."""
        begins = self.days.ago(1) + 8 * _HOUR
        of_province = number % 10 == 0
        minutes = 780 if of_province else 600
        identity = self.days.id_at(self.days.evening_at(1))
        place = int(self.chance.random() * len(self.organizations))
        unit = NULL if of_province else raw(self.units[place])
        self._record(
            (identity, self.organizations[place], f"demo-{number}-waits", key, _ACTIVITIES[0][1], begins),
            minutes,
            minutes,
            self.days.evening_at(1),
            (_PENDING, _DECIDERS[of_province], unit),
        )

    def _served(
        self, chain: Chain, organization: bytes, ago: int, ref: str, *, corrected: bool = False
    ) -> None:
        """A day's service, entered in the evening."""
        chance = self.chance.random
        activity, of_activity = _ACTIVITIES[int(chance() * len(_ACTIVITIES))]
        lasted = _SLOT * (_SLOTS_LEAST + int(chance() * (_SLOTS_MOST - _SLOTS_LEAST + 1)))
        day = self.days.ago(ago)
        begins, at = day + (8 + int(chance() * 5)) * _HOUR, self.days.evening_at(ago)
        ends, expires = begins + lasted * _MINUTE, self._expiries[ago]
        counted = lasted - _SLOT if corrected else lasted
        identity = self.days.id_at(at)
        evidence = hash_of_texts(
            (
                organization.hex(),
                ref,
                activity,
                str(begins),
                str(ends),
                str(at),
                "",
            )  # as `evidence_of`: no note
        )
        served = Served(identity, organization, lasted, evidence)
        self._record(
            (identity, organization, ref, chain.key, of_activity, begins),
            lasted,
            counted,
            at,
            (_POSTED, NULL, NULL),
        )
        self._enter(chain, _SERVICE, at, identity, served=served, minutes=lasted, expires=expires)
        if corrected:
            later = at + _HOUR
            self._enter(
                chain, _CORRECTION, later, self.days.id_at(later), served=served, minutes=counted - lasted
            )
        if chain.lapses is None:
            chain.lapses = expires

    def _record(
        self,
        said: tuple[bytes, bytes, str, bytes, bytes, int],
        lasted: int,
        counted: int,
        at: int,
        standing: tuple[bytes, bytes, bytes],
    ) -> None:
        identity, organization, ref, key, activity, begins = said
        person = raw(key)
        row = (
            _RECORD,
            raw(identity),
            raw(organization),
            text(ref),
            person,
            person,
            activity,
            instant(begins),
            instant(begins + lasted * _MINUTE),
            int2(counted),
            *standing,
            instant(at),
        )
        self.records.append(b"".join(row))

    def _enter(
        self,
        chain: Chain,
        kind: tuple[str, bytes],
        at: int,
        identity: bytes,
        *,
        served: Served | None = None,
        minutes: int = 0,
        consumes: int = 0,
        expires: int | None = None,
    ) -> None:
        """As `ledger.Book.append`."""
        before, previous = chain.points, chain.head
        chain.sequence += 1
        chain.minutes += minutes
        chain.consumed += consumes
        chain.points = max(chain.minutes // MINUTES_A_POINT - chain.consumed, 0)
        chain.stars = stars_of(chain.minutes)
        changed = chain.points - before
        # In the order of `chain.HASHED`.
        chain.head = hash_of_texts(
            (
                identity.hex(),
                chain.name,
                str(chain.sequence),
                kind[0],
                str(minutes),
                str(changed),
                str(chain.minutes),
                str(chain.consumed),
                str(chain.points),
                str(chain.stars),
                str(at),
                "" if expires is None else str(expires),
                "" if served is None else served.organization.hex(),
                "" if served is None else served.id.hex(),
                "",
                "" if served is None else served.evidence.hex(),
                previous.hex(),
            )
        )
        row = (
            _ENTRY,
            raw(identity),
            raw(chain.key),
            int4(chain.sequence),
            kind[1],
            int4(minutes),
            int4(changed),
            int4(chain.minutes),
            int4(chain.consumed),
            int4(chain.points),
            _STARS[chain.stars],
            instant(at),
            NULL if expires is None else instant(expires),
            NULL if served is None else raw(served.organization),
            NULL if served is None else raw(served.id),
            NULL if served is None else raw(served.evidence),
            raw(previous),
            raw(chain.head),
        )
        self.entries.append(b"".join(row))
