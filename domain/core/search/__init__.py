"""
Search, declared in one way by every programme; what it does and why stands in decision 0024.

    search_terms = terms_column()                                        # in the table
    SEARCH = Declared("internship_listing", division="division_code", …)  # beside it; SEARCH.index() among the table's arguments
    values |= document(title=…, tags=…, organization=…, description=…)   # at every write

    wanted = parse(text, places=…, kinds=…)                              # pure
    query = SearchQuery.from_state(wanted, state) if state else await SEARCH.weigh(db, wanted)
    select(…).where(SEARCH.holds(query.match)).order_by(SEARCH.tier(query), …)

Words are made in Python (`domain.core.text`), since Postgres cuts no Chinese, and are written in the row's own transaction. What
a search says becomes a ladder of tiers: rows whose title holds every word, then rows that hold them among tags, and so on; among the
rows of a tier the newest come first. Long tables are read tier by tier, a stretch of time at a time (`reading`).
"""

from domain.core.search.asking import Wanted, parse, place_names
from domain.core.search.declared import Declared
from domain.core.search.document import document, terms_column
from domain.core.search.query import SearchQuery
from domain.core.search.reading import Reading
from domain.core.search.showing import highlights

__all__ = [
    "Declared",
    "Reading",
    "SearchQuery",
    "Wanted",
    "document",
    "highlights",
    "parse",
    "place_names",
    "terms_column",
]
