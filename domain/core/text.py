"""
Text as words: how a listing is cut up when it is written, and a search when it is asked.

Chinese has no spaces, so it is cut twice: into words (jieba) and into pairs of neighbouring characters, which find what the
dictionary does not know or cut otherwise. Latin words stay whole with their signs: `c++` is not `c`, `java` not `javascript`,
`ios` not `bios`. Nothing here knows a database, and nothing fails, whatever text comes in.
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache
from importlib import import_module
from itertools import pairwise
from typing import NamedTuple, Protocol, cast

from domain.core.lexicon import known_words
from domain.core.spelling import simplified

MAX_QUERY_CHARACTERS = 200
MAX_QUERY_TERMS = 12
MAX_TERM_CHARACTERS = 40
MAX_INDEX_CHARACTERS = 10_000
"""Text of one field beyond this is not indexed."""

_DROPPED = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Without width or meaning of their own: joiners, direction marks, variation selectors, halves of surrogate pairs."""

_SPACES = re.compile("[\\s\x00-\x1f\x7f-\x9f\u115f\u1160\u2800]+")

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    r"|(?P<latin>(?:(?<![a-z0-9])\.(?=[a-z]))?[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\+\+|#)?)"
    rf"|(?P<other>[^\W_a-z0-9{_HAN}]+)"
)
_JOINTS = re.compile("[._-]")
_LATIN_STEM = re.compile(r"([a-z]{2,})(?:\d+|\+\+|#)$")
_CROSSING = 0.5
"""What a pair of characters across two words counts, beside a word: it says that the words stand together."""

_LINES_OF_BUSINESS = re.compile(
    "中心|人民|信息|信息技术|公司|创新|国际|市政|建设|投资|教育|数字|数据|有限公司|汽车|物业|电子|科技|科技股份|管理|网络|职业|股份"
    "|药业|药物|贸易|软件|金融|银行|集团"
)


class Segmenter(Protocol):
    """What we use of rjieba."""

    def cut(self, text: str) -> list[str]: ...
    def cut_for_search(self, text: str) -> list[str]: ...
    def tag(self, text: str) -> list[tuple[str, str]]: ...
    def has_word(self, word: str) -> bool: ...
    def add_word(self, word: str, freq: int | None, tag: str | None) -> int: ...


@lru_cache(maxsize=1)
def _segmenter() -> Segmenter:
    """Jieba with our own words, imported at first use: it reads its dictionary as it is imported, for as long as FastAPI takes."""
    segmenter = cast("Segmenter", import_module("rjieba"))
    for word in known_words():
        if not segmenter.has_word(word):
            segmenter.add_word(word, None, None)
    return segmenter


def warm_up() -> None:
    """Read the dictionary now, so that nobody waits for it later."""
    _segmenter()


class QueryTerm(NamedTuple):
    """A term that a search looks for, and what it counts beside the others, up to 1."""

    text: str
    share: float


def normalise(text: str) -> str:
    """One spelling for what reads the same: full width as half width, capitals as small, traditional as simplified, any spaces as one."""
    text = unicodedata.normalize("NFKC", _DROPPED.sub("", text))
    text = unicodedata.normalize("NFKC", text.casefold()).translate(simplified())
    return _SPACES.sub(" ", text).strip()


def normalise_query(text: str) -> str:
    """As `normalise`, cut to what a search looks at."""
    return normalise(text[:MAX_QUERY_CHARACTERS])[:MAX_QUERY_CHARACTERS]


def terms_for_index(text: str, *, single_characters: bool = False, pairs: bool = True) -> list[str]:
    """
    The terms under which a text is found, repeated as often as they occur.

    `single_characters` adds each Chinese character by itself, for short texts that a search of one character should find.
    Without `pairs`, for long ones, only those pairs of neighbouring characters are added that hold a word of one character.
    """
    terms: list[str] = []
    for kind, token in _tokens(normalise(text[:MAX_INDEX_CHARACTERS])[:MAX_INDEX_CHARACTERS]):
        if kind == "han":
            cut = [
                word for word in _segmenter().cut_for_search(token) if 1 < len(word) <= MAX_TERM_CHARACTERS
            ]
            terms += cut
            terms += [pair for pair in (_pairs(token) if pairs else _lone_pairs(token)) if pair not in cut]
            if single_characters:
                terms += token
        elif kind == "latin":
            terms += _latin_spellings(token[:MAX_TERM_CHARACTERS])
        else:
            terms.append(token[:MAX_TERM_CHARACTERS])
    return terms


def terms_for_query(text: str) -> tuple[QueryTerm, ...]:
    """The terms of a search, at most `MAX_QUERY_TERMS`, words before pairs; empty when there is no letter or digit in it."""
    shares: dict[str, float] = {}
    characters: dict[str, float] = {}
    for kind, token in _tokens(normalise_query(text)):
        if kind == "han":
            for term, share in _han_query_terms(token):
                shares[term] = max(share, shares.get(term, 0))
            characters |= dict.fromkeys(token, 1.0)
        else:
            word = token[:MAX_TERM_CHARACTERS]
            shares[word] = 1.0
            if _JOINTS.search(word):
                shares[_JOINTS.sub("", word)] = 1.0
                for part in _JOINTS.split(word):
                    if len(part) > 1 and part.isalpha():
                        shares.setdefault(part, _CROSSING)
    terms = [QueryTerm(*item) for item in (shares or characters).items()]
    terms.sort(key=lambda term: -term.share)  # stable: among equals the order of the text
    return tuple(terms[:MAX_QUERY_TERMS])


def words(text: str, known: Container[str] = ()) -> tuple[str, ...]:
    """A normalised text as words side by side, none inside another. What is `known` and stands alone is not cut."""
    return tuple(
        word
        for kind, token in _tokens(text)
        for word in (_segmenter().cut(token) if kind == "han" and token not in known else [token])
    )


def without(text: str, unwanted: Container[str]) -> str:
    """A normalised text with some of its words blanked out."""
    return " ".join(
        "".join(" " if word in unwanted else word for word in words(token, unwanted))
        for _, token in _tokens(text)
    )


@lru_cache(maxsize=256)
def phrases(text: str) -> frozenset[str]:
    """The words of a normalised text and what neighbouring Chinese words spell together: what may be highlighted."""
    found: set[str] = set()
    for kind, token in _tokens(text):
        if kind == "han":
            cut = _segmenter().cut(token)[:MAX_QUERY_TERMS]
            found |= {"".join(cut[i:j]) for i in range(len(cut)) for j in range(i + 1, len(cut) + 1)}
            found |= set(_segmenter().cut_for_search(token))
        else:
            found |= {token, _JOINTS.sub("", token)}
    longer = {phrase for phrase in found if len(phrase) > 1 or phrase.isascii()}
    return frozenset(longer or found)


def spans(text: str, sought: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """Where a text as written holds normalised phrases, from left to right, of two that overlap the longer; Latin ones whole."""
    folded: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        for letter in _folded(character):
            folded.append(letter)
            origin.append(at)
    line, lengths = "".join(folded), sorted({len(phrase) for phrase in sought}, reverse=True)
    at = stop = 0
    while at < len(line):
        ends = (at + n for n in lengths if at + n <= len(line))
        end = next((end for end in ends if line[at:end] in sought and _whole(line, at, end)), None)
        if end and origin[at] >= stop:  # one character may spell several, as ¼ does
            stop = origin[end - 1] + 1
            yield origin[at], stop
        at = end or at + 1


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    return "" if _DROPPED.match(character) else normalise(character) or " "


def _whole(line: str, start: int, end: int) -> bool:
    """Not a part of a longer Latin word, nor `c` of `c++`."""
    before, after = line[start - 1 : start], line[end : end + 1]
    if line[start].isascii() and line[start].isalnum() and before.isascii() and before.isalnum():
        return False
    if not line[end - 1].isascii():
        return True
    return not (after.isascii() and after.isalnum()) and (after != "#" and line[end : end + 2] != "++")


def brand(name: str) -> str:
    """
    What an organization is called in daily life: 华为 of 深圳市华为技术有限公司. Empty when the name holds no such word.

    It is the first word after the place; a name that itself reads like a place is known by the line of business behind it.
    A first word of one character takes the next with it.
    """
    place = taken = ""
    for word, tag in _segmenter().tag(normalise(name)[:MAX_TERM_CHARACTERS]):
        if taken:
            return taken + word
        if _LINES_OF_BUSINESS.fullmatch(word):
            return place
        if tag == "ns" and (not place or word[-1] in "省市区县"):
            place = word
        elif len(word) > 1:  # the dictionary knows some companies by their full names
            return _segmenter().cut_for_search(word)[0] if word.endswith("公司") else word
        elif word.isalnum():
            taken = word
    return taken or place


def _tokens(normalised: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(normalised):
        yield str(match.lastgroup), match.group()


def _pairs(token: str) -> list[str]:
    return [first + second for first, second in pairwise(token)]


def _lone_pairs(token: str) -> list[str]:
    lone = {at for at, word in _starts(_segmenter().cut(token)) if len(word) == 1}
    return [pair for at, pair in enumerate(_pairs(token)) if at in lone or at + 1 in lone]


def _han_query_terms(token: str) -> Iterator[tuple[str, float]]:
    """Words in full; a pair in full where it holds a word of one character, for a part where it spans two words."""
    cut = _segmenter().cut(token)
    lone = {at for at, word in _starts(cut) if len(word) == 1}
    yield from (
        (word, 1.0) for word in _segmenter().cut_for_search(token) if 1 < len(word) <= MAX_TERM_CHARACTERS
    )
    inner = {at + i for at, word in _starts(cut) for i in range(len(word) - 1)}
    for at, pair in enumerate(_pairs(token)):
        if at not in inner:
            yield pair, 1.0 if at in lone or at + 1 in lone else _CROSSING


def _starts(cut: list[str]) -> Iterator[tuple[int, str]]:
    at = 0
    for word in cut:
        yield at, word
        at += len(word)


def _latin_spellings(token: str) -> set[str]:
    """`node.js` is also found as `nodejs`, `node`, `js`; `asp.net` as `.net`; `vue3` as `vue`. But `c++` only as itself."""
    found = {token}
    parts = [part for part in _JOINTS.split(token) if part]
    if len(parts) > 1 or token.startswith("."):
        found |= {*parts, "".join(parts), "." + parts[-1]}
    return found | {stem.group(1) for spelling in found if (stem := _LATIN_STEM.match(spelling))}
