"""
Listings to measure search with: the real ones of `$QINGYI_SHARED/data/jobs.jsonl`, and a million made out of their words.

The listings are not part of the project. A made-up one has the title, skills and organization of a real one, the description of
another of the same kind of work, a place as often as it is named among the real ones, and an instant of the two years before `NOW`;
the rows lie in the table in the order in which they were published, as they would. All of it, ids and instants too, is the same each time that
it is made, so that figures compare.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex

from domain.accounts.models import EducationLevel, Track
from domain.internships.models import FAIR, InternshipKind, ListingRow, StipendPeriod
from domain.internships.posting import stored
from domain.internships.rules import ListingContent, Stipend
from domain.internships.states import ListingStatus
from domain.partners.models import OrganizationKind, OrganizationRow, VerificationStatus
from infra.listings.inputs import InternshipInput
from infra.listings.mapping import map_row
from infra.listings.refusal import Refusal

SHARED = Path(os.environ.get("QINGYI_SHARED", "../shared")).resolve()
JOBS, QUERIES = SHARED / "data/jobs.jsonl", SHARED / "data/dev_queries.jsonl"
ORGANIZATIONS = 1_000
VARIANTS = 4
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
"""When the last one was published; a bench looks at them at this instant."""
PERIOD = timedelta(days=730)
RARE = OrganizationKind.SOCIAL
MAJOR = "专业"
"""Before a number from 1 to 24: each is asked for by half as many as the one before, by half of all none."""

FAIRS = {"many": 1_000, "few": 5}
"""How many listings a fair of the title shows."""

NOWHERE = "440000"
"""The division of a listing from outside the province."""

SETTINGS = ("statement_timeout = 0", "synchronous_commit = off", "maintenance_work_mem = '1GB'")
"""Of the connection that fills: a million rows take longer than any statement of the server may."""

LISTING = cast("sa.Table", sa.inspect(ListingRow).local_table)


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def content_of(job: Mapping[str, Any], today: date) -> ListingContent | None:
    """A real listing as the importer would post it; None when it cannot be one."""
    mapped = map_row({"division_code": NOWHERE, **job, "city_code": job.get("city_code") or NOWHERE}, today)
    return None if isinstance(mapped, Refusal) else _content(mapped)


def _content(mapped: InternshipInput) -> ListingContent:
    pay = mapped.get("stipend")
    sums = pay and (min(max(pay["minFen"], 0), 10**8), min(max(pay["maxFen"], pay["minFen"], 0), 10**8))
    return ListingContent(
        external_ref=mapped["externalRef"],
        title=mapped["title"],
        kind=InternshipKind(mapped["kind"]),
        track=Track.GENERAL,
        description=mapped["description"],
        requirements=mapped.get("requirements"),
        division_code=mapped["divisionCode"],
        address=mapped.get("address"),
        headcount=min(max(mapped["headcount"], 1), 500),
        stipend=Stipend(*sums, StipendPeriod(pay["per"])) if pay and sums else None,
        education=EducationLevel(mapped["education"]),
        majors=(),
        skills=tuple(mapped["skills"]),
        days_per_week=mapped.get("daysPerWeek"),
        duration_weeks=mapped.get("durationWeeks"),
        housing_provided=mapped["housingProvided"],
        starts_on=None,
        apply_by=None,
    )


def mixed(jobs: list[dict[str, Any]], chance: Random) -> Iterator[dict[str, Any]]:
    """`VARIANTS` of each real listing, with descriptions of others of the same kind of work."""
    alike = defaultdict(list)
    for job in jobs:
        if "description" in job:
            alike[next(iter(job.get("category", ())), "")].append(job["description"])
    for job in jobs:
        others = alike[next(iter(job.get("category", ())), "")]
        for number in range(VARIANTS):
            place = chance.choice(jobs) if number else job
            description = {"description": chance.choice(others)} if "description" in job and number else {}
            yield {
                **{name: value for name, value in job.items() if name not in {"district_code", "city_code"}},
                **{name: place[name] for name in ("district_code", "city_code") if name in place},
                **description,
                "id": f"{job['id']}-{number}",
            }


def _id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


async def make_organizations(
    connection: AsyncConnection, chance: Random, names: list[str]
) -> list[tuple[UUID, OrganizationKind]]:
    """All but two of one kind are private ones, so that there is a kind that fits hardly anything."""
    unit = (
        await connection.execute(sa.text("SELECT id FROM accounts_unit WHERE parent_id IS NULL"))
    ).scalar_one()
    rows = [
        {
            "id": _id(chance),
            "version": 1,
            "name": name,
            "name_terms": [],
            "kind": chance.choice(list(OrganizationKind)),
            "division_code": "440100",
            "unit_id": unit,
            "verification": VerificationStatus.VERIFIED,
            "created_at": NOW,
        }
        for name in names
    ]
    for row in [row for row in rows if row["kind"] is RARE][2:]:
        row["kind"] = OrganizationKind.PRIVATE
    await connection.execute(sa.insert(OrganizationRow), rows)
    return [(row["id"], row["kind"]) for row in rows]


async def fill(
    connection: AsyncConnection, jobs: list[dict[str, Any]], count: int | None, seed: int = 8
) -> None:
    """
    Put published listings into an empty table of a migrated database, and index and analyse it: `count` made-up ones, or the real
    ones, each once.
    """
    for setting in SETTINGS:
        await connection.execute(sa.text(f"SET {setting}"))
    chance = Random(seed)
    names = sorted({job["company"] for job in jobs if "company" in job})
    owners = await make_organizations(
        connection, chance, chance.sample(names, min(ORGANIZATIONS, len(names)))
    )
    await connection.execute(sa.text("CREATE TEMP TABLE mixed (LIKE internship_listing INCLUDING GENERATED)"))
    await connection.execute(
        sa.text("ALTER TABLE mixed ALTER published_at DROP NOT NULL, ALTER content_hash DROP NOT NULL")
    )
    staged = LISTING.to_metadata(sa.MetaData(), name="mixed")
    rows: list[dict[str, Any]] = []
    variants = list(mixed(jobs, chance)) if count else jobs
    for job in variants:
        content = content_of(job, NOW.date())
        if content is None:
            continue
        identity, (owner, kind) = _id(chance), chance.choice(owners)
        rows.append(
            {
                "id": identity,
                "organization_id": owner,
                "accepted_count": 0,
                "status": ListingStatus.PUBLISHED,
                "created_at": NOW,
                "updated_at": NOW,
                **stored(content, job.get("company", ""), kind),
            }
        )
        if len(rows) == 500:
            await connection.execute(sa.insert(staged), rows)
            rows = []
    if rows:
        await connection.execute(sa.insert(staged), rows)
    await _multiply(connection, count or await _counted(connection))
    await connection.commit()


async def _multiply(connection: AsyncConnection, count: int) -> None:
    made = {"id", "external_ref", "published_at", "created_at", "updated_at"}
    names = [column.name for column in LISTING.columns if column.computed is None]
    chosen = {
        "id": "md5(external_ref || '-' || copy)::uuid",
        "external_ref": "external_ref || '-' || copy",
        "majors": f"CASE number WHEN 0 THEN '{{}}' ELSE ARRAY['{MAJOR}' || number] END",
        **dict.fromkeys(made - {"id", "external_ref"}, "at"),
    }
    indexes = list(LISTING.indexes)
    for index in indexes:
        await connection.execute(sa.text(f"DROP INDEX {index.name}"))
    await connection.execute(
        sa.text("ALTER TABLE internship_listing DROP CONSTRAINT internship_listing_external_ref")
    )
    await connection.execute(
        sa.text(
            f"INSERT INTO internship_listing ({', '.join(names)})"
            f" SELECT {', '.join(chosen.get(name, name) for name in names)} FROM ("
            " SELECT mixed.*, copy,"
            " 24 - length(ltrim(('x' || left(md5('major' || external_ref || '-' || copy), 6))::bit(24)::text, '0')) AS number,"
            " CAST(:start AS timestamptz) + CAST(:period AS interval)"
            " * (row_number() OVER (ORDER BY copy, md5(external_ref || '-' || copy))) / CAST(:count AS integer) AS at"
            " FROM mixed CROSS JOIN generate_series(1, CAST(:copies AS integer)) AS copy LIMIT CAST(:count AS integer)) AS many"
        ),
        {
            "start": NOW - PERIOD,
            "period": PERIOD,
            "count": count,
            "copies": -(-count // await _counted(connection)),
        },
    )
    await connection.execute(
        sa.text(
            "ALTER TABLE internship_listing ADD CONSTRAINT internship_listing_external_ref UNIQUE (organization_id, external_ref)"
        )
    )
    await _show_at_fairs(connection)
    for index in indexes:
        await connection.execute(CreateIndex(index))
    await connection.commit()
    await connection.execute(
        sa.text("ALTER INDEX internship_listing_words ALTER COLUMN 1 SET STATISTICS 1000")
    )
    await connection.commit()
    # As autovacuum does after so many rows: an index alone then tells the time of a row.
    alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
    await alone.execute(sa.text("VACUUM ANALYZE internship_listing"))
    await alone.execute(sa.text("RESET ALL"))


async def _show_at_fairs(connection: AsyncConnection) -> None:
    for title, count in FAIRS.items():
        await connection.execute(
            sa.text(
                "WITH fair AS (INSERT INTO internship_job_fair (id, version, title, unit_id, online, starts_at, ends_at, created_at)"
                " SELECT md5(:title)::uuid, 1, :title, id, true, :at, CAST(:at AS timestamptz) + interval '9 days', :at"
                " FROM accounts_unit WHERE parent_id IS NULL RETURNING id),"
                " shown AS (INSERT INTO internship_job_fair_internship (job_fair_id, internship_id)"
                " SELECT fair.id, chosen.id FROM fair,"
                " (SELECT id FROM internship_listing ORDER BY md5(:title || external_ref) LIMIT :count) AS chosen RETURNING *)"
                f" UPDATE internship_listing SET fair_lexemes = fair_lexemes || ('{FAIR}' || job_fair_id::text)"
                " FROM shown WHERE id = internship_id"
            ),
            {"title": title, "count": count, "at": NOW},
        )


async def _counted(connection: AsyncConnection) -> int:
    return int((await connection.execute(sa.text("SELECT count(*) FROM mixed"))).scalar_one())
