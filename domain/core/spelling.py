"""Characters: which traditional ones read as which simplified ones, and how they sound. Tables in `data/`."""

from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_SYLLABLE_MOST = 6


def lines_of(name: str) -> list[str]:
    """The lines of a table in `data/`, without its heading."""
    return [
        line for line in (_DATA / name).read_text(encoding="utf-8").splitlines() if line[:1] not in {"#", ""}
    ]


@lru_cache(maxsize=1)
def simplified() -> dict[int, str]:
    """For `str.translate`: a character for a character."""
    return {ord(traditional): line[0] for line in lines_of("simplified.txt") for traditional in line[1:]}


@lru_cache(maxsize=1)
def _sounds() -> dict[str, str]:
    rows = (line.split(" ") for line in lines_of("pinyin.txt"))
    return {character: syllable for syllable, characters in rows for character in characters}


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    return frozenset(_sounds().values())


def sound(word: str) -> str | None:
    """How a word of Chinese characters sounds, without tones: qian'duan as `qianduan`; None when one is not known."""
    syllables = [_sounds().get(character) for character in word]
    return "".join(filter(None, syllables)) if all(syllables) else None


def is_pinyin(letters: str) -> bool:
    """Can it be cut into syllables altogether?"""
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(
            end - n in reached and letters[end - n : end] in _syllables()
            for n in range(1, _SYLLABLE_MOST + 1)
        ):
            reached.add(end)
    return len(letters) in reached
