"""What people do, as the app asks for it, and how often each of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import orjson

from bench.offering import Request, post
from infra.demo.vocabulary import TRADES

SEARCH = """query ($text: String!) { internships(first: 20, filter: {text: $text}) {
  nodes { id title kind education daysPerWeek stipend { minFen maxFen per } organization { name } division { name } }
  pageInfo { hasNextPage endCursor } } }"""
DETAIL = """query ($id: ID!) { node(id: $id) { ... on Internship {
  id title description requirements address headcount remainingHeadcount education majors skills daysPerWeek durationWeeks
  housingProvided startsOn applyBy status publishedAt stipend { minFen maxFen per } organization { name kind }
  division { name } viewerHasBookmarked viewerEligibility { eligible reasons { code message } } } } }"""
AVAILABILITY = """query ($id: ID!, $from: Date!, $to: Date!) { node(id: $id) { ... on Hostel {
  name address amenities freeNightsPerYear rooms { id name gender beds } availability(from: $from, to: $to) {
  date bedsFree room { id } } } } }"""
EVENT = """query ($id: ID!) { node(id: $id) { ... on MatchmakingEvent {
  title venue description startsAt endsAt signupClosesAt admission minAge maxAge division { name }
  seats { gender total taken waitlisted } viewerEligibility { eligible reasons { code } } viewerSignup { status } } } }"""
MINE = """{ viewer { youth { displayName phone realNameStatus
  notifications(first: 10) { nodes { id kind title createdAt readAt } }
  hostelBookings(first: 5) { nodes { id checkIn checkOut status hostel { name } } }
  internshipApplications(first: 5) { nodes { id status internship { title } } }
  matchmakingSignups(first: 5) { nodes { id status event { title startsAt } } } } } }"""
BOOK = """mutation ($input: BookHostelStayInput!) { bookHostelStay(input: $input) {
  booking { id status checkIn checkOut segments { room { name } } } userErrors { code message field } } }"""
SIGN_UP = """mutation ($input: SignUpForMatchmakingInput!) { signUpForMatchmaking(input: $input) {
  signup { id status waitlistPosition } userErrors { code message field } } }"""
SHARES = {
    "search": 30,
    "detail": 30,
    "hostel availability": 12,
    "event page": 10,
    "my page": 12,
    "book": 3,
    "sign up": 3,
}
"""Of a hundred."""
MONTH = timedelta(days=30)
DAYS_AHEAD = 80
BOOKINGS_EACH, SIGNUPS_EACH = 5, 2


@dataclass(frozen=True, slots=True)
class Town:
    """Ids of what there is, and tokens of who asks."""

    listings: Sequence[str]
    hostels: Sequence[str]
    events: Sequence[str]
    tokens: Sequence[str]
    today: date


class Life:
    """Requests without end, the same for the same seed; nobody books a night or signs up for an event twice."""

    def __init__(self, town: Town, seed: int) -> None:
        self._town, self._chance, self._seed = town, Random(seed), seed
        self._words = [word for trade in TRADES for word in (*trade.titles, *trade.skills)]
        self._stays = self._each(BOOKINGS_EACH)
        self._signups = self._each(SIGNUPS_EACH)

    def __iter__(self) -> Iterator[Request]:
        names, shares = list(SHARES), list(SHARES.values())
        make = {
            "search": lambda: (SEARCH, {"text": self._chance.choice(self._words)}, self._anybody()),
            "detail": lambda: (DETAIL, {"id": self._chance.choice(self._town.listings)}, self._anybody()),
            "hostel availability": self._availability,
            "event page": lambda: (EVENT, {"id": self._chance.choice(self._town.events)}, self._anybody()),
            "my page": lambda: (MINE, {}, self._anybody()),
            "book": self._book,
            "sign up": self._sign_up,
        }
        while True:
            [name] = self._chance.choices(names, shares)
            query, variables, token = make[name]()
            body = orjson.dumps({"query": query, "variables": variables})
            yield Request(name, post("/graphql", body, token), judged)

    def _each(self, times: int) -> Iterator[tuple[int, str]]:
        """Everybody in a random order, so many times over, with the number of the turn."""
        for turn in range(times):
            for token in self._chance.sample(self._town.tokens, len(self._town.tokens)):
                yield turn, token

    def _anybody(self) -> str:
        return self._chance.choice(self._town.tokens)

    def _availability(self) -> tuple[str, dict[str, Any], str]:
        first = self._town.today + timedelta(days=self._chance.randrange(DAYS_AHEAD - MONTH.days))
        asked = {"id": self._chance.choice(self._town.hostels), "from": str(first), "to": str(first + MONTH)}
        return AVAILABILITY, asked, self._anybody()

    def _book(self) -> tuple[str, dict[str, Any], str]:
        turn, token = next(self._stays)
        # A turn has days of its own, so that nobody is asked to sleep in two places at once.
        days = DAYS_AHEAD // BOOKINGS_EACH
        check_in = self._town.today + timedelta(days=1 + turn * days + self._chance.randrange(days))
        asked = {
            "hostelId": self._chance.choice(self._town.hostels),
            "checkIn": str(check_in),
            "nights": 1,
            "purpose": "面试求职",
            "idempotencyKey": self._key(),
        }
        return BOOK, {"input": asked}, token

    def _sign_up(self) -> tuple[str, dict[str, Any], str]:
        turn, token = next(self._signups)
        half = len(self._town.events) // SIGNUPS_EACH
        asked = {
            "eventId": self._town.events[turn * half + self._chance.randrange(half)],
            "nickname": "小满",
            "contactForMatches": "示例：请在活动现场联系",
            "declaresSingle": True,
            "idempotencyKey": self._key(),
        }
        return SIGN_UP, {"input": asked}, token

    def _key(self) -> str:
        return f"{self._seed}-{self._chance.getrandbits(64)}"


def judged(answer: bytes) -> str | None:
    """None for a good answer; what the rules refuse begins with `refused`."""
    body = answer[answer.index(b"\r\n\r\n") + 4 :]
    if b'"errors"' in body:
        return body[:300].decode(errors="replace")
    if b'"code"' in body and (found := orjson.loads(body)["data"]):
        for payload in found.values():
            if payload and payload.get("userErrors"):
                return "refused: " + ", ".join(sorted({one["code"] for one in payload["userErrors"]}))
    return None
