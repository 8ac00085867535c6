"""
Words of somebody whose life or safety is in danger, found in what a youth writes (programmes.md, 5).

The list is data (`data/crisis_words.txt`), and a division may add its own by a policy. A phrase of Chinese is found whatever
stands between its characters that is no letter and no digit, in simplified or traditional characters or both mixed; a
phrase of Latin words only as whole words. Found too often is better than found too seldom.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from domain.core.db import Read
from domain.core.policy import Policy, policy_value
from domain.core.text import normalise

MORE_WORDS: Policy[list[str]] = Policy(
    "crisis.more_words", [], "Crisis words of the division's own, beside the list of the house."
)
_DATA = Path(__file__).parent / "data" / "crisis_words.txt"
_BETWEEN = re.compile(r"[\W_]+")
_HARMLESS = "!"


@dataclass(frozen=True, slots=True)
class CrisisWords:
    """Phrases in simplified characters, harmless ones that contain them, and which character stands for which."""

    chinese: frozenset[str]
    latin: tuple[re.Pattern[str], ...]
    harmless: frozenset[str]
    simplified: dict[int, str]

    def found_in(self, text: str) -> bool:
        written = normalise(text)
        if any(pattern.search(written) for pattern in self.latin):
            return True
        run = _BETWEEN.sub("", written).translate(self.simplified)
        for phrase in self.harmless:
            run = run.replace(phrase, "\n")
        return any(phrase in run for phrase in self.chinese)


def crisis_words(lines: Iterable[str]) -> CrisisWords:
    """
    A line is a phrase, with its traditional spelling behind it where that differs; `!` before it says that it is harmless.

    ValueError for spellings of different lengths.
    """
    phrases: list[str] = []
    simplified: dict[int, str] = {}
    for line in lines:
        written = normalise(line.partition("#")[0])
        if not written:
            continue
        if written.isascii():
            phrases.append(written)
            continue
        phrase, _, other = written.partition(" ")
        if other:
            bare = phrase.removeprefix(_HARMLESS)
            simplified |= {
                ord(theirs): ours for ours, theirs in zip(bare, other, strict=True) if ours != theirs
            }
        phrases.append(phrase)
    return CrisisWords(
        chinese=frozenset(
            phrase.translate(simplified)
            for phrase in phrases
            if not phrase.isascii() and not phrase.startswith(_HARMLESS)
        ),
        latin=tuple(_whole_words(phrase) for phrase in phrases if phrase.isascii()),
        harmless=frozenset(
            phrase.removeprefix(_HARMLESS) for phrase in phrases if phrase.startswith(_HARMLESS)
        ),
        simplified=simplified,
    )


def _whole_words(phrase: str) -> re.Pattern[str]:
    inner = r"[\W_]+".join(map(re.escape, phrase.split()))
    return re.compile(rf"(?<![^\W_]){inner}(?![^\W_])")


@lru_cache(maxsize=64)
def _words(more: tuple[str, ...]) -> CrisisWords:
    return crisis_words((*_DATA.read_text(encoding="utf-8").splitlines(), *more))


async def in_crisis(db: Read, texts: Iterable[str], division_code: str | None = None) -> bool:
    """Is there a crisis word in any of the texts, by the list and what the division adds to it?"""
    more: list[str] = await policy_value(db, MORE_WORDS, division_code)
    words = _words(tuple(more))
    return any(words.found_in(text) for text in texts)
