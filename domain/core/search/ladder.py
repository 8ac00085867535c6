"""The tiers of a search, best first: what a row must hold to stand in each."""

from collections.abc import Sequence

from domain.core.divisions import prefix_of
from domain.core.lexicon import synonyms
from domain.core.search.asking import SYNONYMS_MOST, Concept, Preference, Wanted
from domain.core.search.document import BRAND, SAID, TITLE
from domain.core.search.formula import All, Formula, Lexeme, Some, every, lexemes, some

DIVISION, KIND = "@d", "@k"
"""Before a code or value: lexemes that the index adds to a row's words (`declared`)."""

_ALONE_MOST, _PHRASES_MOST = 3, 4
"""So many words are looked for alone, and side by side: the rarest."""

_ALL_MOST, _OF_LONG = 6, 3
"""
All words are looked for together where there are no more than this; of a long text only the rarest, in the title or anywhere. There is
hardly a row that holds many frequent ones, and to see that the index goes through all of its lists.
"""


def _titled(concept: Concept) -> Formula:
    return some(lexemes([concept.word], TITLE) + lexemes([concept.word], BRAND))


def _ranked(concept: Concept) -> Formula:
    """In the title or a tag, or said twice; or the title has another word for it."""
    return some([_titled(concept), *lexemes([concept.word], SAID), *lexemes(concept.others, TITLE)])


def _held(concept: Concept) -> Formula:
    return some([*lexemes([concept.word]), *lexemes(concept.others, TITLE), *lexemes(concept.others, SAID)])


def division_lexeme(code: str) -> Formula | None:
    """Of a city or a county; None for a province, which holds everything, and for what is no code."""
    prefix = prefix_of(code)
    return Lexeme(DIVISION + prefix) if len(prefix) >= len("4401") and prefix.isalnum() else None


def among(tier: Formula, narrowed: Sequence[Formula]) -> Formula | None:
    """
    What a row that holds all of `narrowed` must hold to stand in a tier. Each row lies in one place and is of one kind, so others need not be
    asked for. None where no such row stands in it.
    """
    if isinstance(tier, Lexeme):
        return None if _elsewhere(tier.name, narrowed) else tier
    if not isinstance(tier, (All, Some)):
        return tier
    left = [part for each in tier.parts if (part := among(each, narrowed)) is not None]
    if isinstance(tier, All):
        return every(left) if len(left) == len(tier.parts) else None
    return some(left) if left else None


def _elsewhere(name: str, narrowed: Sequence[Formula]) -> bool:
    """A place or kind that no row is of which holds what narrows."""
    return name.startswith((DIVISION, KIND)) and any(
        not any(name.startswith(other) or other.startswith(name) for other in others)
        for narrow in narrowed
        if (others := [other for other in narrow.lexemes() if other[:2] == name[:2]])
    )


def _named(preference: Preference) -> list[Formula]:
    named = [Lexeme(KIND + preference.kind)] if preference.kind else []
    place = division_lexeme(preference.division) if preference.division else None
    return [*named, *([place] if place else [])]


def _words(preference: Preference) -> list[Formula]:
    others = synonyms(preference.word)[:SYNONYMS_MOST]
    return lexemes([preference.word]) if preference.division else lexemes([preference.word, *others])


def _strong(preference: Preference) -> Formula:
    """A kind that is named is also spelled out; a place need not be."""
    if preference.kind:
        return every([*_named(preference), some(_words(preference))])
    return some(_named(preference) or _words(preference))


def _weak(preference: Preference) -> Formula:
    return some([*_named(preference), *_words(preference)])


def of_preferences(wanted: Wanted) -> tuple[Formula, ...]:
    """Tiers of a search that names nothing but places and kinds."""
    strong, weak = ([meets(preference) for preference in wanted.preferences] for meets in (_strong, _weak))
    return tuple(dict.fromkeys((every(strong), every(weak), some(weak))))


def of_all_words(wanted: Wanted, concepts: Sequence[Concept]) -> list[Formula]:
    """Tiers in which every word stands."""
    tiers = _together(concepts)
    if wanted.phrases:
        return [every([tiers[0], *lexemes(wanted.phrases[:_PHRASES_MOST], TITLE)]), *tiers]
    if len(concepts) == 1:
        return [Lexeme(BRAND + concepts[0].word), *tiers]
    return tiers


def _together(concepts: Sequence[Concept]) -> list[Formula]:
    return [every(meets(concept) for concept in concepts) for meets in (_titled, _ranked, _held)]


def of_some_words(concepts: Sequence[Concept], others: Sequence[Formula] = ()) -> list[Formula]:
    """Tiers in which at least one word stands, or the last of which `others` stand; `concepts` with the rarest first."""
    alone = [_titled(concept) for concept in concepts[:_ALONE_MOST]] if len(concepts) > 1 else []
    return [
        *alone,
        some(map(_ranked, concepts)),
        some([*map(_held, concepts), *others]),
    ]


def _phrased(wanted: Wanted) -> list[Formula]:
    others = [other for phrase in wanted.phrases for other in synonyms(phrase)[:SYNONYMS_MOST]]
    return [some(lexemes(others, TITLE))] if others else []


def ladder(wanted: Wanted, concepts: Sequence[Concept], meant: Sequence[Formula] = ()) -> tuple[Formula, ...]:
    """
    All tiers, without repetitions. A place or kind that is asked for and not met lowers a row by about one tier. In a long text it is
    chance, as is which words stand side by side.

    `meant` are tiers of what was perhaps meant: after rows that hold every word, before those that hold some. Whatever holds
    a tier holds the last one.
    """
    if wanted.only_prefers:
        return of_preferences(wanted)
    if not concepts:
        return ()
    if len(concepts) > _ALL_MOST:
        titled, _, held = _together(concepts[:_OF_LONG])
        return tuple(dict.fromkeys([titled, held, *meant, *of_some_words(concepts, meant[-1:])]))
    whole = of_all_words(wanted, concepts)
    phrased = _phrased(wanted)
    partly = of_some_words(concepts, [*phrased, *meant[-1:]])
    plain = [*whole[:-1], *phrased, whole[-1], *meant, *partly]
    if not wanted.preferences:
        return tuple(dict.fromkeys(plain))
    strong = every(_strong(preference) for preference in wanted.preferences)
    weak = every(_weak(preference) for preference in wanted.preferences)
    tiers: list[Formula] = []
    late: list[Formula] = []
    for number, formula in enumerate(plain):
        # What meets the preferences takes the place of the tier before: the rest of it waits for its turn.
        tiers += [every([formula, strong]), every([formula, weak])]
        if number:
            tiers += late
            late = []
        late.append(formula)
    return tuple(dict.fromkeys([*tiers, *late]))
