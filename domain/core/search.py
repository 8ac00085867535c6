"""
Search, declared in one way by every programme: words in a `tsvector` under a GIN index, and a short one beside it to rank by.

The words are made in Python (`domain.core.text`), since Postgres cuts no Chinese, and written in the row's own transaction:

    search_terms = terms_column()                                 # in the table: what finds the row; GIN
    search_ranks = ranks_column()                                 #   and what counts for its place; no index
    values |= document(title=…, tags=…, organization=…, description=…)    # at every write

    LISTINGS = Searchable(table.c.search_terms, table.c.search_ranks)
    wanted = parse(text, places=…, kinds=…)                       # pure
    query = await LISTINGS.weigh(db.first, wanted)                # first page: one statement of statistics
    query = SearchQuery.from_state(wanted, state)                 # later pages: the first page's, out of the cursor
    prefer = [within(division_code, wanted.preferred_divisions), …]
    select(…).where(LISTINGS.matches(query, prefer)).order_by(LISTINGS.score(query, prefer).desc(), published_at.desc(), id.desc())

A score depends on the row and the query alone, never on what other rows there are: the weights that come from statistics
are counted once and travel in the cursor, so pages stay whole while rows are added.

Two vectors, because a whole one with its description lies compressed outside its row: to rank 6,400 matches by it took 79 ms,
nearly all of it unpacking. The short one stays in the row.
"""

import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, SQLColumnExpression
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlmodel import Field

from domain.core import text as words_of

FREQUENCY_CAP = 10_000
"""Words in more rows than this are counted alike: as common."""

SCALE = 1000
"""Weights of a query sum to this; a score is a whole number of the same size, so that cursors compare exactly."""

PREFERRED = 0.5
"""How much a place or kind that was asked for raises a score."""

# For labels D, C, B, A, as ts_rank wants them. An organization's daily name beats a title that only mentions it.
_LABEL_WEIGHTS = (0.08, 1.0, 0.32, 0.8)
_MAX_OCCURRENCES = 3
_RANKED_OF_DESCRIPTION = 40
_PREFERENCE_SHARE = 0.5
_DIVISION_SUFFIX = re.compile("(?:(?:[壮瑶畲]族)+自治)?[省市区县]$")


# ── writing ──────────────────────────────────────────────────────────────────
def terms_column() -> Any:
    """All terms of a row. Index it with `terms_index`."""
    return Field(sa_type=TSVECTOR)


def ranks_column() -> Any:
    """The terms of a row that count for its place, labelled."""
    return Field(sa_type=TSVECTOR)


def terms_index(table: str) -> sa.Index:
    """With a short list of pending entries (256 kB): the planner counts its length against the index, and searches read it whole."""
    return sa.Index(
        f"ix_{table}_search_terms",
        "search_terms",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )


def document(
    *, title: str, tags: Iterable[str] = (), organization: str = "", description: str = ""
) -> dict[str, str]:
    """
    What is stored of a row to search it by: the values of `search_terms` and `search_ranks`, vectors as text.

    Ranked by label: A is the title, B skills and tags, C the organization's daily name, D what the description (and the
    organization's full name) says at least twice, up to `_RANKED_OF_DESCRIPTION` terms. Positions say nothing but how often:
    phrases are found by pairs of characters.
    """
    said = Counter(words_of.terms_for_index(f"{description}\n{organization}"))
    labels = dict.fromkeys(words_of.terms_for_index(title, single_characters=True), "A")
    for label, text in (("B", " ".join(tags)), ("C", words_of.brand(organization))):
        for term in dict.fromkeys(words_of.terms_for_index(text)):
            labels[term] = labels.get(term, "") + label
    often = [item for item in said.most_common(_RANKED_OF_DESCRIPTION) if item[1] > 1]
    everything = labels.keys() | said.keys()
    for term, count in often:
        labels[term] = labels.get(term, "") + "D" * min(count, _MAX_OCCURRENCES)
    return {
        "search_terms": " ".join(f"'{term}'" for term in everything),
        "search_ranks": " ".join(
            f"'{term}':" + ",".join(f"{position}{label}" for position, label in enumerate(found, 1))
            for term, found in labels.items()
        ),
    }


# ── asking ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class WantedTerm:
    """A term of a search; one that does not find only raises the score of what others found."""

    text: str
    share: float
    finds: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as it was written, understood but not weighed."""

    text: str
    terms: tuple[WantedTerm, ...]
    preferred_divisions: tuple[str, ...] = ()
    preferred_kinds: tuple[str, ...] = ()
    only_prefers: bool = False
    """There is nothing but places and kinds in it: they are what is sought."""

    def weigh(self, counts: Sequence[int]) -> "SearchQuery":
        """Rare words say more than common ones; `counts` is the row of `Searchable.frequencies`."""
        raw = [
            term.share * (1 + math.log((FREQUENCY_CAP + 1) / (min(count, FREQUENCY_CAP) + 1)))
            for term, count in zip(self.terms, counts, strict=True)
        ]
        return SearchQuery(self, tuple(max(1, round(SCALE * weight / sum(raw))) for weight in raw))


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search with its terms weighed, in thousandths."""

    wanted: Wanted
    weights: tuple[int, ...]

    def to_state(self) -> list[int]:
        """What a cursor must carry beside the text."""
        return list(self.weights)

    @classmethod
    def from_state(cls, wanted: Wanted, state: object) -> Self:
        """The query of an earlier page. ValueError when the state is not one of this text."""
        if not isinstance(state, list) or len(state) != len(wanted.terms):
            raise ValueError("not the state of this search")
        if not all(type(weight) is int and 0 < weight <= SCALE for weight in state):
            raise ValueError("not the state of a search")
        return cls(wanted, tuple(state))


def parse(
    text: str, *, places: Mapping[str, str] | None = None, kinds: Mapping[str, str] | None = None
) -> Wanted:
    """
    Understand a search. Never fails.

    `places` gives division codes by their names (see `place_names`), `kinds` values by the words for them. Such words prefer
    and do not find, unless there are no others.
    """
    places, kinds = places or {}, kinds or {}
    text = words_of.normalise_query(text)
    spoken = words_of.words(text, {**places, **kinds})
    preferences = {word for word in spoken if word in places or word in kinds}
    finding = words_of.terms_for_query(words_of.without(text, preferences))
    preferring = sorted(preferences, key=spoken.index)
    if finding:
        terms = [WantedTerm(*term) for term in finding]
        taken = {term.text for term in terms}
        terms += [
            WantedTerm(word, _PREFERENCE_SHARE, finds=False) for word in preferring if word not in taken
        ]
    else:
        terms = [WantedTerm(*term) for term in words_of.terms_for_query(text)]
    return Wanted(
        text,
        tuple(terms[: words_of.MAX_QUERY_TERMS]),
        tuple(dict.fromkeys(places[word] for word in preferring if word in places)),
        tuple(dict.fromkeys(kinds[word] for word in preferring if word in kinds)),
        only_prefers=bool(preferring) and not finding,
    )


def place_names(divisions: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Division codes by the names that people say: 深圳市 and 深圳. `divisions` are (code, name), the higher levels first."""
    names: dict[str, str] = {}
    for code, name in divisions:
        spelling = words_of.normalise(name)
        names.setdefault(spelling, code)
        short = _DIVISION_SUFFIX.sub("", spelling)
        if len(short) > 1:
            names.setdefault(short, code)
    return names


# ── finding ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Searchable:
    """The two columns of a table, as expressions to search it with."""

    terms: SQLColumnExpression[Any]
    ranks: SQLColumnExpression[Any]

    def frequencies(self, wanted: Wanted) -> Select[Any]:
        """One row: in how many rows each term stands, counted to `FREQUENCY_CAP`, in the order of `wanted.terms`, of which there are some."""
        counts = []
        for term in wanted.terms:
            rows = sa.select(sa.literal(1)).where(self._holds([term.text])).limit(FREQUENCY_CAP).subquery()
            counts.append(sa.select(sa.func.count()).select_from(rows).scalar_subquery())
        return sa.select(*counts)

    async def weigh(
        self, first: Callable[[Select[Any]], Awaitable[Sequence[int] | None]], wanted: Wanted
    ) -> SearchQuery:
        """The query of a first page; `first` gives the first row of a statement."""
        counts = await first(self.frequencies(wanted)) if wanted.terms else None
        return wanted.weigh(counts or ())

    def matches(self, query: SearchQuery, prefer: Iterable[ColumnElement[bool]] = ()) -> ColumnElement[bool]:
        """
        Rows that hold at least one of the terms, by the GIN index. None, for a text without a letter or digit.

        Where there is nothing but places and kinds in the text, also the rows that `prefer` holds for.
        """
        finding = [term.text for term in query.wanted.terms if term.finds]
        held = self._holds(finding) if finding else sa.false()
        return sa.or_(held, *prefer) if query.wanted.only_prefers else held

    def matches_all(self, wanted: Wanted) -> ColumnElement[bool]:
        """Rows that hold every whole word: for alerts, where a half match would be noise."""
        words = [term.text for term in wanted.terms if term.finds and term.share >= 1]
        return sa.and_(sa.true() if words else sa.false(), *(self._holds([word]) for word in words))

    def score(self, query: SearchQuery, prefer: Iterable[ColumnElement[bool]] = ()) -> ColumnElement[int]:
        """How well a row answers, a whole number from 0; each of `prefer` that is true raises it by `PREFERRED`."""
        labels = sa.literal(list(_LABEL_WEIGHTS), ARRAY(sa.REAL))
        total: ColumnElement[Any] = sa.literal(float(SCALE if query.wanted.only_prefers else 0), sa.Double)
        for term, weight in zip(query.wanted.terms, query.weights, strict=True):
            rank = sa.func.ts_rank(labels, self.ranks, _tsquery([term.text]))
            total += sa.literal(float(weight), sa.Double) * sa.cast(rank, sa.Double)
        for condition in prefer:
            total *= sa.case(
                (condition, sa.literal(1 + PREFERRED, sa.Double)), else_=sa.literal(1.0, sa.Double)
            )
        return sa.cast(sa.func.round(total), sa.Integer)

    def _holds(self, terms: Sequence[str]) -> ColumnElement[bool]:
        return self.terms.bool_op("@@")(_tsquery(terms))


def _tsquery(terms: Sequence[str]) -> ColumnElement[Any]:
    # No term holds a quote or a backslash: `domain.core.text` lets only letters, digits and . _ - + # through.
    return sa.literal("|".join(f"'{term}'" for term in terms), TSQUERY)


# ── showing ──────────────────────────────────────────────────────────────────
def highlights(title: str, query: SearchQuery | Wanted) -> list[str]:
    """The words of the search as the title spells them, each once, the longest first; none lies over another."""
    wanted = query.wanted if isinstance(query, SearchQuery) else query
    found: dict[str, str] = {}
    for start, end in words_of.spans(title, words_of.phrases(wanted.text)):
        found.setdefault(words_of.normalise(title[start:end]), title[start:end])
    return sorted(found.values(), key=len, reverse=True)
