"""`qingyi grant`: principals for tests, demos and operators; one JSON object a line. Not in production."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer

from api.commands.answers import parsed_phone, print_lines, shown_factor
from api.running.backing import complain
from domain.accounts.models import ConsentPurpose, EducationLevel, Gender, Track
from domain.accounts.sessions import Bearer
from domain.core.actors import Scope, StaffRole
from domain.partners.models import OrganizationKind
from graph.core.ids import Tag, encode, parse
from infra.database import EngineDatabase
from infra.grants import PartnerWish, YouthWish, grant_partners, grant_staff, grant_youths
from infra.sealing import RingSealer
from infra.settings import settings
from infra.tokens import AccessTokens

grant = typer.Typer(help="Make youths, staff or partners (not in production).", no_args_is_help=True)

COUNT_MOST = 100_000

Count = Annotated[int, typer.Option(help="How many.", min=1, max=COUNT_MOST)]
Hours = Annotated[float, typer.Option(help="How long access tokens hold, in hours.", min=-1.0, max=720.0)]


@grant.callback()
def _not_in_production() -> None:
    if settings().production:
        complain("grant is refused in production")
        raise typer.Exit(1)


def _one_phone(phone: str | None, count: int) -> None:
    if phone is not None and count > 1:
        raise typer.BadParameter("one phone serves one person: leave --phone out or --count at 1")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a date is YYYY-MM-DD") from None


@grant.command()
def youth(
    count: Count = 1,
    phone: Annotated[str | None, typer.Option(help="E.164; made up when absent.")] = None,
    verified: Annotated[
        bool, typer.Option("--verified", help="Real name verified; implies the REAL_NAME consent.")
    ] = False,
    gender: Annotated[Gender | None, typer.Option(case_sensitive=False)] = None,
    birth_date: Annotated[str | None, typer.Option(help="YYYY-MM-DD")] = None,
    graduation_year: Annotated[int | None, typer.Option(min=1950, max=2100)] = None,
    education: Annotated[EducationLevel | None, typer.Option(case_sensitive=False)] = None,
    division: Annotated[str | None, typer.Option(help="GB/T 2260, six digits.")] = None,
    track: Annotated[list[Track] | None, typer.Option(case_sensitive=False, help="Repeatable.")] = None,
    consent: Annotated[
        list[ConsentPurpose] | None, typer.Option(case_sensitive=False, help="Repeatable; TERMS is implied.")
    ] = None,
    hours: Hours = 12.0,
) -> None:
    """Youths, as {id, phone, accessToken}."""
    _one_phone(phone, count)
    wish = YouthWish(
        phone=None if phone is None else parsed_phone(phone),
        verified=verified,
        gender=gender,
        birth_date=_day(birth_date),
        graduation_year=graduation_year,
        education=education,
        division_code=division,
        tracks=tuple(track or ()),
        consents=tuple(consent or ()),
    )

    async def make(
        database: EngineDatabase, sealer: RingSealer, tokens: AccessTokens
    ) -> list[dict[str, Any]]:
        now, life = datetime.now(UTC), timedelta(hours=hours)
        return [
            {
                "id": encode(Tag.Youth, identity),
                "phone": number,
                "accessToken": tokens.issue(Bearer.YOUTH, identity, now, life),
            }
            for identity, number in await grant_youths(database, sealer, wish, count)
        ]

    print_lines(make)


@grant.command()
def staff(
    role: Annotated[list[StaffRole], typer.Option(case_sensitive=False, help="Repeatable.")],
    unit: Annotated[str, typer.Option(help="Division code of the unit; 440000 is the province.")] = "440000",
    phone: Annotated[
        str | None, typer.Option(help="E.164, for one who is to sign in; without it there is a token alone.")
    ] = None,
    count: Count = 1,
    hours: Hours = 12.0,
) -> None:
    """Members of staff, as {id, unitId, accessToken}; with --phone also {phone, totpUri, totpSecret, recoveryCodes}."""
    _one_phone(phone, count)
    number = None if phone is None else parsed_phone(phone)

    async def make(
        database: EngineDatabase, sealer: RingSealer, tokens: AccessTokens
    ) -> list[dict[str, Any]]:
        now, life = datetime.now(UTC), timedelta(hours=hours)
        return [
            {
                "id": encode(Tag.StaffMember, member.id),
                "unitId": encode(Tag.Unit, member.unit_id),
                "accessToken": tokens.issue(Bearer.STAFF, member.id, now, life),
                **({} if member.factor is None else {"phone": number, **shown_factor(member.factor)}),
            }
            for member in await grant_staff(database, sealer, role, unit, count, number)
        ]

    print_lines(make)


@grant.command()
def partner(
    count: Count = 1,
    organization: Annotated[
        str | None, typer.Option(help="A name for a new one, or the id of one that gets one more token.")
    ] = None,
    kind: Annotated[OrganizationKind, typer.Option(case_sensitive=False)] = OrganizationKind.PRIVATE,
    employees: Annotated[int | None, typer.Option(min=1)] = None,
    verified: Annotated[bool, typer.Option("--verified", help="Verified by staff.")] = False,
    scopes: Annotated[str, typer.Option(help="Comma-separated; all when absent.")] = ",".join(Scope),
    division: Annotated[str, typer.Option(help="GB/T 2260, six digits.")] = "440000",
    industry: Annotated[str | None, typer.Option(help="GB/T 4754.")] = None,
    hours: Annotated[float | None, typer.Option(help="How long the token holds; a year when absent.")] = None,
) -> None:
    """Partners with a token each, as {organizationId, apiTokenId, secret}."""
    known = parse(organization) if organization is not None else None
    wish = PartnerWish(
        name=organization if known is None else None,
        existing=known[1] if known is not None and known[0] is Tag.Organization else None,
        kind=kind,
        employees=employees,
        industry_code=industry,
        division_code=division,
        verified=verified,
        scopes=tuple(part.strip() for part in scopes.split(",") if part.strip()),
        life=None if hours is None else timedelta(hours=hours),
    )

    async def make(database: EngineDatabase, sealer: RingSealer, _: AccessTokens) -> list[dict[str, Any]]:
        return [
            {
                "organizationId": encode(Tag.Organization, organization_id),
                "apiTokenId": encode(Tag.ApiToken, token_id),
                "secret": secret,
            }
            for organization_id, token_id, secret in await grant_partners(database, sealer, wish, count)
        ]

    print_lines(make)
