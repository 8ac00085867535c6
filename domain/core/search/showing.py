"""What of a title is shown in bold."""

from domain.core import text as words_of
from domain.core.search.query import SearchQuery


def highlights(title: str, query: SearchQuery) -> list[str]:
    """The words of the search as the title spells them, each once, the longest first; none lies over another."""
    sought = words_of.phrases(query.wanted.text)
    if query.meant is not None:
        sought |= words_of.phrases(query.meant.text)
    found: dict[str, str] = {}
    for start, end in words_of.spans(title, sought):
        found.setdefault(words_of.normalise(title[start:end]), title[start:end])
    return sorted(found.values(), key=len, reverse=True)
