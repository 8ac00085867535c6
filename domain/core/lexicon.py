"""
What is known of words beside their letters: which are kept whole, which stand for one another, which sound alike.

Data of the trade, in `data/words.txt` and `data/synonyms.txt`; the majors and a tree of jobs are in it.
"""

from functools import lru_cache

from domain.core.spelling import is_pinyin, lines_of, sound

_LONGEST = 8
HEARD_MOST = 40
"""Characters of a text that is listened to; nobody mistypes more and would know what was meant."""


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Words that jieba would cut, or does not know."""
    return frozenset(_spoken_words())


@lru_cache(maxsize=1)
def _spoken_words() -> dict[str, str]:
    rows = (line.partition(" ") for line in lines_of("words.txt"))
    return {word: heard or sound(word) or "" for word, _, heard in rows}


@lru_cache(maxsize=1)
def _groups() -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for line in lines_of("synonyms.txt"):
        first, *others = line.split(" ")
        groups[first] = tuple(others)
        for word in others:
            groups.setdefault(word, tuple(other for other in (first, *others) if other != word))
    return groups


def synonyms(word: str) -> tuple[str, ...]:
    """Other words for it, the nearest first; those of a line's first word are its own."""
    return _groups().get(word, ())


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, str]:
    """The shortest word by its sound; of equally long ones the first."""
    found: dict[str, str] = {}
    for word in sorted(known_words(), key=lambda word: (len(word), word)):
        found.setdefault(_spoken_words()[word], word)
    return found


def heard_as(text: str) -> str | None:
    """
    What a search was perhaps meant to say: `qianduan`, 前段 and `qian duan` as 前端. None when nothing known sounds so.

    Takes normalised text. It is cut from the left into the longest stretches that sound like a known word. One longer than
    `HEARD_MOST` is not listened to.
    """
    if len(text) > HEARD_MOST:
        return None
    letters = text.replace(" ", "").replace("'", "")
    if letters.isascii():
        return _spoken(letters) if letters.isalpha() and is_pinyin(letters) else None
    meant = "".join(_mended(part) for part in _parts(text))
    return meant if meant != text else None


def _spoken(letters: str) -> str | None:
    words: list[str] = []
    at = 0
    while at < len(letters):
        end = next((end for end in range(len(letters), at, -1) if letters[at:end] in _by_sound()), None)
        if end is None:
            return None
        words.append(_by_sound()[letters[at:end]])
        at = end
    return "".join(words) or None


def _parts(text: str) -> list[str]:
    """Stretches of Chinese characters of known sound, and what lies between."""
    parts: list[str] = []
    for character in text:
        heard = sound(character) is not None
        if parts and heard and sound(parts[-1]) is not None:
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _mended(part: str) -> str:
    mended, at = "", 0
    while at < len(part):
        for end in range(min(len(part), at + _LONGEST), at + 1, -1):
            word = part[at:end]
            meant = word if word in known_words() else _by_sound().get(sound(word) or "")
            if meant is not None:
                mended, at = mended + meant, end
                break
        else:
            mended, at = mended + part[at], at + 1
    return mended
