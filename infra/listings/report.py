"""The summary of an import as tables for a terminal."""

from collections.abc import Iterator
from typing import Final

from rich.markup import escape
from rich.table import Table

from infra.listings.answers import Outcome
from infra.listings.tally import Tally

_CAUSES_SHOWN: Final = 40


def report(tally: Tally) -> Iterator[Table | str]:
    """The counts, then what the server refused, then what was never sent."""
    yield _counts(tally)
    yield _requests(tally)
    if tally.refused:
        yield _refused(tally)
    if tally.unsent:
        yield _unsent(tally)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(
            heading, justify="right" if heading in {"rows", "times"} else "left", overflow="fold"
        )
    return table


def _counts(tally: Tally) -> Table:
    table = _table("Import", "outcome", "rows")
    for outcome in Outcome:
        table.add_row(outcome, f"{tally.outcomes[outcome]:,}")
    table.add_row("not sent", f"{tally.unsent.total():,}")
    return table


def _requests(tally: Tally) -> str:
    listings = sum(request.listings for request in tally.requests)
    largest = max((request.body for request in tally.requests), default=0)
    return f"{listings:,} listings in batches: {len(tally.requests):,}, the largest body {largest:,} bytes\n"


def _refused(tally: Tally) -> Table:
    table = _table("Refused by the server", "code", "field", "for example it said", "times", "one of them")
    for cause, times in tally.refused.most_common(_CAUSES_SHOWN):
        example = tally.examples[cause]
        table.add_row(
            escape(cause.code),
            escape(cause.field),
            escape(example.words),
            f"{times:,}",
            escape(example.external_ref),
        )
    if (hidden := len(tally.refused) - _CAUSES_SHOWN) > 0:
        table.caption = f"and {hidden:,} causes more"
    return table


def _unsent(tally: Tally) -> Table:
    table = _table("Not sent", "reason", "meaning", "rows", "one of them")
    for reason, rows in tally.unsent.most_common():
        example = tally.examples[reason]
        words = f"{example.external_ref} ({example.words})" if example.words else example.external_ref
        table.add_row(reason, reason.explanation, f"{rows:,}", escape(words))
    return table
