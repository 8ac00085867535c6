"""
Canaries: what a youth gives the house in confidence is driven through it, and is then found nowhere but where it may be.

Not in the log, not in what others are answered, not in any column of any table as it stands.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa
from support.hostels import a_room, arrived, booked, opened, wish
from support.house import House, Person
from support.listings import a_listing, advanced, applied, posted
from support.raw import body, sent, tables
from support.watching import log_of_house

from domain.accounts.enrolling import NewYouth, enrol_youths
from domain.accounts.models import Gender
from domain.core.actors import StaffRole, System
from domain.internships import notices
from graph.accounts.units import units_domain
from graph.core.ids import Tag, encode
from infra.tokens import Bearer

PHONE = "+8613755501234"
NAME = "欧阳金丝雀"
LETTER = "金丝雀求职信：我的秘密是喜欢唱歌"
NOTE = "画眉备注：请携带身份证"
RESUME = "https://resume.example/canary-4711.pdf"
KEY = "canary-idempotency-key"
TEXT = "画眉搜索词"
PURPOSE = "画眉面试住宿"

SEALED = (PHONE, PHONE[3:], NAME, NAME[2:], LETTER, LETTER[6:], RESUME, "canary-4711", KEY)
"""Never in clear at rest, never in a log, never in an answer to others."""
SPOKEN = (TEXT, NOTE, PURPOSE)
"""What was said to the house: kept for its readers, but never in a log."""


READING = (
    "query ($id: ID!, $l: ID!, $y: ID!) { node(id: $id) { id ...on InternshipApplication"
    " { coverLetter resumeUrl applicant { legalName phone } history { note } } }"
    " y: node(id: $y) { id ...on Youth { phone } }"
    " l: node(id: $l) { ...on Internship { title applications { nodes { coverLetter resumeUrl"
    " applicant { legalName phone maskedName } } } history { note } } } }"
)


@dataclass(frozen=True, slots=True)
class Drive:
    """What the drive left behind."""

    log: str
    to_others: str
    tokens: tuple[str, ...]


@pytest.fixture(scope="module")
async def drive(house: House) -> Drive:
    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(logging.Formatter().format(record))

    keep = Keep()
    logging.getLogger().addHandler(keep)
    patch = pytest.MonkeyPatch()
    try:
        with log_of_house() as lines:
            drive = await driven(house, patch)
        return Drive(lines.getvalue() + "\n".join(records), drive.to_others, drive.tokens)
    finally:
        patch.undo()
        logging.getLogger().removeHandler(keep)


async def refused_in_every_way(house: House, youth: Person, listing: str, other: str) -> None:
    await books(house, youth)
    # calls that are refused
    for wrong in (
        {"internshipId": listing, "idempotencyKey": KEY, "coverLetter": LETTER + "2"},
        {"internshipId": other, "idempotencyKey": f"{KEY}3", "resumeUrl": RESUME.replace("https", "http")},
        {"internshipId": other, "idempotencyKey": f"{KEY}4", "coverLetter": LETTER * 1_000},
        {"internshipId": NAME, "idempotencyKey": f"{KEY}5", "coverLetter": LETTER},
        {"internshipId": other, "idempotencyKey": KEY * 5, "coverLetter": LETTER},
    ):
        await youth.refused("applyToInternship", "application { id }", **wrong)

    # wrong inputs, in every place where one may stand
    apply = "mutation ($i: ApplyToInternshipInput!) { applyToInternship(input: $i) { userErrors { code } } }"
    for content in (
        body(apply, variables={"i": {"internshipId": listing, "coverLetter": {"a": LETTER}, "phone": PHONE}}),
        body(apply, variables={"i": [NAME, PHONE]}),
        body(apply, variables={"i": LETTER, NAME: PHONE}),
        body(f'{{ findYouth(phone: "{PHONE}", reason: "{NAME}") {{ id }} }}'),
        body(f'{{ node(id: "{PHONE}") {{ id }} internships(after: "{RESUME}") {{ totalCount }} }}'),
        body(f'{{ units(parentId: "{NAME}") {{ id }} }}', operationName=KEY),
        body(LETTER),
        f'{{"query": "{LETTER}'.encode(),
        f'{{"{NAME}": "{PHONE}"}}'.encode(),
    ):
        await sent(house, content, youth.token)
        await sent(house, content, f"{PHONE}.{KEY}.x")
        await sent(house, content, youth.token, content_type=f"text/plain; name={KEY}")
    await house.http.get("/graphql", params={"query": f'{{ node(id: "{PHONE}") {{ id }} }}'})


async def books(house: House, youth: Person) -> None:
    """Signs up anew with a wrong and a right code, books a bed, is refused one, shows the code at the desk."""
    for code in ("000000", TEXT):
        await house.anyone.refused("signInWithPhone", "accessToken", phone=PHONE, code=code)
    inn = await opened(house, a_room(beds=2))
    stay = await booked(house, youth, inn, after=0, purpose=PURPOSE)
    await youth.refused("bookHostelStay", "booking { id }", **wish(house, inn, 0, purpose=PURPOSE * 50))
    await arrived(youth, inn, stay["id"])


async def driven(house: House, patch: pytest.MonkeyPatch) -> Drive:
    others: list[str] = []
    partner, rival, stranger = await house.partner(), await house.partner(), await house.youth()
    staff = await house.staff(StaffRole.ADMIN)
    listing, other = await posted(partner, a_listing()), await posted(rival, a_listing())

    # a youth with a verified name
    async with house.database.write(System("test")) as tx:
        new = NewYouth(
            phone=PHONE,
            legal_name=NAME,
            graduation_year=2027,
            gender=Gender.MALE,
            birth_date=date(2003, 5, 4),
        )
        (key,) = await enrol_youths(tx, house.runtime.ports.sealer, [new])
    token = house.runtime.tokens.issue(Bearer.YOUTH, key, house.clock())
    youth = type(stranger)(house.http, token, id=encode(Tag.Youth, key), key=key, phone=PHONE)
    own = await youth.run("{ viewer { youth { phone } } }")
    assert own["viewer"]["youth"]["phone"] == PHONE

    # applies, searches, saves a search, repeats itself
    application = await applied(youth, listing, KEY, coverLetter=LETTER, resumeUrl=RESUME)
    assert application == await applied(youth, listing, KEY, coverLetter=LETTER, resumeUrl=RESUME)
    await youth.run("query ($t: String) { internships(filter: {text: $t}) { totalCount } }", t=TEXT)
    save = (
        "mutation ($i: CreateInternshipSearchInput!) { createInternshipSearch(input: $i) { search { id } } }"
    )
    assert (await youth.run(save, i={"name": TEXT, "filter": {"text": TEXT}}))["createInternshipSearch"][
        "search"
    ]

    await refused_in_every_way(house, youth, listing, other)

    # faults while it is at stake: in a resolver, in the worker
    async def broken(*_: object) -> None:
        raise RuntimeError(f"{NAME} {PHONE} {LETTER} {RESUME} {KEY} {TEXT} {NOTE}")

    with patch.context() as breaking:
        breaking.setattr(units_domain, "roots", broken)
        others.append((await sent(house, body("{ units { id } }"), stranger.token)).text)
    with patch.context() as breaking:
        breaking.setattr(notices, "tell", broken)
        await house.work()
    house.clock.move(seconds=30)
    await house.work()

    # the organization reads and answers; nobody else learns anything
    await advanced(partner, application, "SHORTLISTED")
    for state in ("INTERVIEW", "OFFERED"):
        await partner.done(
            "advanceInternshipApplication",
            "application { id }",
            applicationId=application,
            to=state,
            note=NOTE,
        )
    await house.work()
    variables = {"id": application, "l": listing, "y": youth.id}
    for who in (house.anyone, stranger, rival):
        answer = await who.post(READING, **variables)
        assert answer.json()["data"]["node"] is None
        assert answer.json()["data"]["y"] is None
        others.append(answer.text)
        refusal = await sent(
            house,
            body(
                "mutation ($id: ID!) { withdrawInternshipApplication(input: {applicationId: $id})"
                " { userErrors { message } } }",
                variables={"id": application},
            ),
            who.token,
        )
        others.append(refusal.text)
    seen = (await partner.run(READING, **variables))["node"]
    assert (seen["coverLetter"], seen["resumeUrl"]) == (LETTER, RESUME)
    assert seen["applicant"] == {"legalName": None, "phone": None}
    card = await staff.run(
        "query ($id: ID!) { node(id: $id) { ...on InternshipApplication"
        " { applicant { maskedName legalName phone } } } }",
        id=application,
    )
    others.append(json.dumps(card, ensure_ascii=False))

    # accepted: now the organization knows whom to call
    await youth.done("respondToInternshipOffer", "application { id }", applicationId=application, accept=True)
    seen = (await partner.run(READING, **variables))["node"]
    assert seen["applicant"] == {"legalName": NAME, "phone": PHONE}
    await house.work()
    inbox = await partner.run("{ viewer { organization { notifications { nodes { title body } } } } }")
    others.append(json.dumps(inbox, ensure_ascii=False))
    others += [(await house.http.get(page)).text for page in ("/metrics", "/readyz")]
    principals = (youth, stranger, partner, rival, staff)
    return Drive("", "\n".join(others), tuple(who.token or "" for who in principals))


def test_the_log_holds_faults_and_nothing_of_the_youth(drive: Drive) -> None:
    assert "graphql.fault" in drive.log
    assert "worker.handler_failed" in drive.log
    readable = drive.log + "\n".join(spoken(drive.log))
    found = [canary for canary in (*SEALED, *SPOKEN, *drive.tokens) if canary in readable]
    assert found == []
    assert "金丝雀" not in readable
    assert "画眉" not in readable
    assert "canary" not in readable.replace("test_privacy", "")


def spoken(log: str) -> Iterator[str]:
    """The lines with their escapes resolved."""
    for line in log.splitlines():
        if line.startswith("{"):
            yield json.dumps(json.loads(line), ensure_ascii=False)


def test_others_learn_nothing(drive: Drive) -> None:
    assert "欧****" in drive.to_others  # staff in reach: the masked name
    assert [canary for canary in (*SEALED, *SPOKEN, *drive.tokens) if canary in drive.to_others] == []


async def test_nothing_confidential_stands_in_clear_in_the_database(house: House, drive: Drive) -> None:
    """Every column of every table, bytes read as text too."""
    looked = 0
    hits: list[tuple[str, str]] = []
    async with house.looking() as db:
        for table in await tables(house):
            for row in await db.rows(sa.text(f'SELECT * FROM "{table}"')):
                for column, value in row._mapping.items():
                    raw = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    as_text = value.decode("utf-8", "ignore") if isinstance(value, bytes) else ""
                    looked += 1
                    hits += [
                        (f"{table}.{column}", canary)
                        for canary in (*SEALED, *drive.tokens)
                        if canary in raw or canary in as_text or canary.encode().decode("latin-1") in raw
                    ]
    assert looked > 1_000
    assert hits == []


async def test_the_canaries_would_be_found(house: House, drive: Drive) -> None:
    """What is not sealed is: the search's words, the note."""
    async with house.looking() as db:
        names = await db.scalars(sa.text("SELECT name FROM internship_saved_search"))
        notes = await db.scalars(sa.text("SELECT note FROM core_state_event WHERE note IS NOT NULL"))
    assert TEXT in names
    assert NOTE in notes
