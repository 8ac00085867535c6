"""Tables of people and units. Names and numbers are sealed (`domain.core.sealing`)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.actors import StaffRole
from domain.core.sealed_columns import sealed

PHONE_INDEX = "phone"
IDENTITY_INDEX = "identity"
STAFF_PHONE_INDEX = "staff-phone"
"""Purposes of the blind indexes of a youth's numbers, and of the number of a member of staff."""
OPENID_INDEX = "wechat-openid"
UNIONID_INDEX = "wechat-unionid"
OIDC_INDEX = "oidc-subject"
"""The same of what providers call a youth; the owner is the row of the identity."""


class Gender(StrEnum):
    MALE = "MALE"
    FEMALE = "FEMALE"


class EducationLevel(StrEnum):
    """In rising order."""

    SECONDARY = "SECONDARY"
    VOCATIONAL = "VOCATIONAL"
    COLLEGE = "COLLEGE"
    BACHELOR = "BACHELOR"
    MASTER = "MASTER"
    DOCTOR = "DOCTOR"


class Track(StrEnum):
    """Special admission tracks named in the plan."""

    GENERAL = "GENERAL"
    HK_MACAO_TAIWAN = "HK_MACAO_TAIWAN"
    TIBET_XINJIANG = "TIBET_XINJIANG"
    RURAL = "RURAL"
    WESTERN_PROGRAMME_VOLUNTEER = "WESTERN_PROGRAMME_VOLUNTEER"


class RealNameStatus(StrEnum):
    NONE = "NONE"
    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"


class ConsentPurpose(StrEnum):
    TERMS = "TERMS"
    REAL_NAME = "REAL_NAME"
    MATCHMAKING = "MATCHMAKING"
    MENTORSHIP = "MENTORSHIP"
    HEALTH_AND_COUNSELLING = "HEALTH_AND_COUNSELLING"
    GUARDIAN = "GUARDIAN"


class Provider(StrEnum):
    """Who else knows a youth, and by what."""

    WECHAT_OPENID = "WECHAT_OPENID"
    WECHAT_UNIONID = "WECHAT_UNIONID"
    OIDC = "OIDC"


class UnitLevel(StrEnum):
    PROVINCE = "PROVINCE"
    SYSTEM = "SYSTEM"
    CITY = "CITY"
    COUNTY = "COUNTY"
    TOWNSHIP = "TOWNSHIP"
    SCHOOL = "SCHOOL"


class YouthRow(SQLModel, table=True):
    """
    A young person. The sealed numbers are found, and kept unique, by `domain.core.blind_index`.

    While the real name is PENDING, `registry_due_at` is when the registry is asked again, after `registry_tries` in vain.
    `real_name_claims` counts the claims of the day `real_name_claimed_on`.

    One with `erased_at` is gone: the row says nothing of them, and stays for those that refer to it.
    """

    __tablename__ = "accounts_youth"
    __table_args__ = (
        columns.one_of("gender", Gender),
        columns.one_of("education", EducationLevel),
        columns.one_of("real_name_status", RealNameStatus),
        columns.each_of("tracks", Track),
        columns.check("graduation_year_sane", "graduation_year BETWEEN 1950 AND 2100"),
        sa.Index(
            "accounts_youth_registry_due",
            sa.text("registry_due_at NULLS FIRST"),
            "id",
            postgresql_where=sa.text("real_name_status = 'PENDING'"),
        ),
    )

    id: UUID = columns.identifier()
    phone_sealed: bytes | None = sealed(None, blind=[PHONE_INDEX])
    legal_name_sealed: bytes | None = sealed(None)
    identity_sealed: bytes | None = sealed(None, blind=[IDENTITY_INDEX])
    real_name_status: RealNameStatus = columns.enum(RealNameStatus, RealNameStatus.NONE)
    registry_due_at: datetime | None = columns.instant(None)
    registry_tries: int = columns.count_of()
    real_name_claimed_on: date | None = None
    real_name_claims: int = columns.count_of()
    display_name: str | None = columns.text(None)
    gender: Gender | None = columns.enum(Gender, None)
    birth_date: date | None = None
    education: EducationLevel | None = columns.enum(EducationLevel, None)
    school: str | None = columns.text(None)
    major: str | None = columns.text(None)
    graduation_year: int | None = None
    division_code: str | None = Field(default=None, sa_type=sa.Text, foreign_key="core_division.id")
    tracks: list[Track] = columns.enum_array(Track)
    created_at: datetime = columns.instant()
    erased_at: datetime | None = columns.instant(None)


class ConsentRow(SQLModel, table=True):
    """A consent given; withdrawing closes it, giving it again adds a row."""

    __tablename__ = "accounts_consent"
    __table_args__ = (
        columns.one_of("purpose", ConsentPurpose),
        sa.Index("accounts_consent_youth", "youth_id"),
        sa.Index(
            "accounts_consent_current",
            "youth_id",
            "purpose",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    id: UUID = columns.identifier()
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    purpose: ConsentPurpose = columns.enum(ConsentPurpose)
    version: str = columns.text()
    given_at: datetime = columns.instant()
    withdrawn_at: datetime | None = columns.instant(None)


class ExternalIdentityRow(SQLModel, table=True):
    """
    By what a provider knows a youth, at most one of each realm: a mini-program, an issuer; unionids have one realm, "".

    The sealed subject is found, and kept unique, by `domain.core.blind_index`, whose owner is this row.
    """

    __tablename__ = "accounts_external_identity"
    __table_args__ = (
        columns.one_of("provider", Provider),
        sa.UniqueConstraint("youth_id", "provider", "realm", name="accounts_external_identity_one_of_each"),
    )

    id: UUID = columns.identifier()
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    provider: Provider = columns.enum(Provider)
    realm: str = columns.text()
    subject_sealed: bytes = sealed(blind=[OPENID_INDEX, UNIONID_INDEX, OIDC_INDEX])
    linked_at: datetime = columns.instant()


UNIT_DEPTH_MOST = 12


class UnitRow(SQLModel, table=True):
    """
    A unit of the league. `path` holds the ids from the root down to the unit itself: reach is containment.

    A unit's path is its parent's path and itself, and the database says so: what stands before the unit (`above`) must be
    the path of its parent. A cycle would need a path without end, so there is none.
    """

    __tablename__ = "accounts_unit"
    __table_args__ = (
        columns.one_of("level", UnitLevel),
        columns.check("path_ends_in_itself", "path[cardinality(path)] = id"),
        columns.check("path_comes_from_parent", "parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1]"),
        columns.check("path_not_too_long", f"cardinality(path) <= {UNIT_DEPTH_MOST}"),
        columns.check(
            "territory_named", "level NOT IN ('PROVINCE', 'CITY', 'COUNTY') OR division_code IS NOT NULL"
        ),
        sa.UniqueConstraint("id", "path", name="accounts_unit_place"),
        sa.ForeignKeyConstraint(
            ["parent_id", "above"],
            ["accounts_unit.id", "accounts_unit.path"],
            name="accounts_unit_below_parent",
        ),
        sa.Index("accounts_unit_path", "path", postgresql_using="gin"),
        sa.Index(
            "accounts_unit_division",
            "division_code",
            unique=True,
            postgresql_where=sa.text("level IN ('PROVINCE', 'CITY', 'COUNTY')"),
        ),
    )

    id: UUID = columns.identifier()
    name: str = columns.text()
    level: UnitLevel = columns.enum(UnitLevel)
    parent_id: UUID | None = columns.maybe_refers_to("accounts_unit.id", index=True)
    division_code: str | None = Field(default=None, sa_type=sa.Text, foreign_key="core_division.id")
    path: list[UUID] = columns.uuid_array()
    above: list[UUID] = Field(
        sa_column_args=(sa.Computed("path[1:cardinality(path) - 1]", persisted=True),), sa_type=ARRAY(sa.Uuid)
    )


class StaffRow(SQLModel, table=True):
    """
    A member of staff of a unit. The number is found, and kept unique, by `domain.core.blind_index`.

    `totp_step` is the last step of thirty seconds whose one-time password was used.
    """

    __tablename__ = "accounts_staff"
    __table_args__ = (columns.each_of("roles", StaffRole),)

    id: UUID = columns.identifier()
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    name: str = columns.text()
    phone_sealed: bytes | None = sealed(None, blind=[STAFF_PHONE_INDEX])
    roles: list[StaffRole] = columns.enum_array(StaffRole)
    active: bool = True
    totp_sealed: bytes | None = sealed(None)
    totp_step: int | None = Field(default=None, sa_type=sa.BigInteger)
    created_at: datetime = columns.instant()
