"""What is stored of a row to find it by: one `tsvector`, whose lexemes say where a word stands."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field

from domain.core import text as words_of

TITLE, BRAND, SAID = "^", "=", "~"
"""Before a word: it stands in the title; it is what the organization is called; it is a tag, or the description says it twice."""

_RANKED_OF_DESCRIPTION = 40


def terms_column() -> Any:
    return Field(sa_type=TSVECTOR)


def document(
    *, title: str, tags: Iterable[str] = (), organization: str = "", description: str = ""
) -> dict[str, str]:
    """
    The value of `search_terms`: every word by itself, and again with a mark for each place that counts.

    Of a description, at most `_RANKED_OF_DESCRIPTION` words that it says twice are marked.
    """
    titled = words_of.terms_for_index(title, single_characters=True)
    tagged = words_of.terms_for_index(" ".join(tags))
    named = words_of.terms_for_index(words_of.brand(organization)) if organization else []
    said = Counter(words_of.terms_for_index(f"{description}\n{organization}", pairs=False))
    often = [word for word, count in said.most_common(_RANKED_OF_DESCRIPTION) if count > 1]
    lexemes = dict.fromkeys(
        [
            *titled,
            *tagged,
            *named,
            *said,
            *(TITLE + word for word in titled),
            *(BRAND + word for word in named),
            *(SAID + word for word in (*tagged, *often)),
        ]
    )
    return {"search_terms": " ".join(f"'{lexeme}'" for lexeme in lexemes)}
