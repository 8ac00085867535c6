"""Volunteers as rows: the youth with sealed number and name, the blind index of the number, the consents."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from uuid import UUID

from domain.accounts.enrolling import TERMS_VERSION
from domain.accounts.models import PHONE_INDEX, ConsentPurpose, Gender, RealNameStatus
from domain.accounts.youths import name_place, phone_place
from domain.core.sealing import Sealer
from infra.demo.bulk.binary import NO_TEXTS, NULL, count, day, instant, int4, raw, text
from infra.demo.bulk.shape import Days
from infra.demo.bulk.tables import COLUMNS
from infra.demo.listings import places
from infra.grants import MADE_UP_FAMILY_NAMES, MADE_UP_GIVEN_NAMES, MADE_UP_PHONE_PREFIX

_YOUNGEST, _OLDEST = 18 * 366, 34 * 365
"""In days: whoever is younger needs a guardian."""
_JOINED_DAYS_AGO = 900
_MINUTE = 60_000_000
_OF_A_DAY = 1_440

_YOUTH, _BLIND, _CONSENT = (
    count(len(COLUMNS[table])) for table in ("accounts_youth", "core_blind_index", "accounts_consent")
)
_GENDERS = tuple(text(one) for one in Gender)
_NOT_VERIFIED, _VERIFIED = text(RealNameStatus.NONE), text(RealNameStatus.VERIFIED)
_TERMS, _REAL_NAME = text(ConsentPurpose.TERMS), text(ConsentPurpose.REAL_NAME)
_VERSION, _PURPOSE, _NONE_YET = text(TERMS_VERSION), text(PHONE_INDEX), int4(0)


@dataclass(slots=True)
class People:
    """The rows of some volunteers."""

    sealer: Sealer
    chance: Random
    days: Days
    today: date
    youths: list[bytes] = field(default_factory=list)
    blind: list[bytes] = field(default_factory=list)
    consents: list[bytes] = field(default_factory=list)
    _born: list[bytes] = field(init=False)
    _divisions: list[bytes] = field(init=False)
    _joined: int = field(init=False)

    def __post_init__(self) -> None:
        self._born = [day(self.today - timedelta(days=ago)) for ago in range(_YOUNGEST, _OLDEST, 30)]
        self._divisions = [text(code) for code, _ in places()]
        self._joined = self.days.ago(_JOINED_DAYS_AGO)

    def add(self, number: int) -> bytes:
        """The volunteer of a number, every second one with a verified name; their id."""
        chance = self.chance.random
        joined = self._joined + int(chance() * _OF_A_DAY) * _MINUTE
        key = self.days.id_at(joined)
        youth, identity, since = UUID(bytes=key), raw(key), instant(joined)
        phone = f"{MADE_UP_PHONE_PREFIX}{number:08d}"
        name, verified = NULL, number % 2 == 0
        if verified:
            chosen = (
                MADE_UP_FAMILY_NAMES[int(chance() * len(MADE_UP_FAMILY_NAMES))]
                + MADE_UP_GIVEN_NAMES[int(chance() * len(MADE_UP_GIVEN_NAMES))]
                + MADE_UP_GIVEN_NAMES[int(chance() * len(MADE_UP_GIVEN_NAMES))]
            )
            name = raw(self.sealer.seal(chosen, name_place(youth)))
        row = (
            _YOUTH,
            identity,
            raw(self.sealer.seal(phone, phone_place(youth))),
            name,
            _VERIFIED if verified else _NOT_VERIFIED,
            _NONE_YET,
            _NONE_YET,
            _GENDERS[int(chance() * 2)] if verified else NULL,
            self._born[int(chance() * len(self._born))] if verified else NULL,
            self._divisions[int(chance() * len(self._divisions))],
            NO_TEXTS,
            since,
        )
        self.youths.append(b"".join(row))
        for key_id, digest in self.sealer.blinds(phone, PHONE_INDEX).items():
            self.blind.append(b"".join((_BLIND, _PURPOSE, raw(digest), text(key_id), identity)))
        for purpose in (_TERMS, _REAL_NAME) if verified else (_TERMS,):
            consent = raw(self.days.id_at(joined))
            self.consents.append(b"".join((_CONSENT, consent, identity, purpose, _VERSION, since)))
        return key
