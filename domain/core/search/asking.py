"""A search as it was written, understood but not weighed. Pure; never fails."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.core import text as words_of
from domain.core.lexicon import synonyms

SYNONYMS_MOST = 6
_DIVISION_SUFFIX = re.compile("(?:(?:[壮瑶畲]族)+自治)?[省市区县]$")
_PREFERRING = frozenset({"周末", "双休", "周末双休", "双休日", "做五休二"})
"""Words for a kind of week: they prefer, as places and kinds do."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A word that is sought, with what else it is called."""

    word: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preference:
    """A word that prefers: the division or kind that it names, if it does."""

    word: str
    division: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """`phrases` are words and pairs of characters that say that concepts stand together."""

    text: str
    concepts: tuple[Concept, ...]
    phrases: tuple[str, ...] = ()
    preferences: tuple[Preference, ...] = ()

    @property
    def only_prefers(self) -> bool:
        """There is nothing but places and kinds in it: they are what is sought."""
        return bool(self.preferences) and not self.concepts


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
    known = {**places, **kinds, **dict.fromkeys(_PREFERRING, "")}
    spoken = words_of.words(text, known)
    preferring = dict.fromkeys(word for word in spoken if word in known)
    terms = words_of.terms_for_query(words_of.without(text, preferring))
    whole = [term.text for term in terms if term.share >= 1]
    # 前端开发 is sought as 前端 and 开发; that it also stands as one word only places it.
    inner = [word for word in whole if not any(other != word and other in word for other in whole)]
    inner = inner or [term.text for term in terms]
    phrases = tuple(term.text for term in terms if term.text not in inner)
    return Wanted(
        text,
        tuple(Concept(word, _others(word, phrases, whole)) for word in inner),
        phrases,
        tuple(
            Preference(word, places.get(word), kinds.get(word))
            for word in list(preferring)[: words_of.MAX_QUERY_TERMS]
        ),
    )


def _others(word: str, phrases: tuple[str, ...], whole: list[str]) -> tuple[str, ...]:
    """Synonyms of a word; but not of a part, where the whole has some of its own."""
    if any(word in phrase and synonyms(phrase) for phrase in phrases):
        return ()
    return tuple(other for other in synonyms(word) if other not in whole)[:SYNONYMS_MOST]


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
