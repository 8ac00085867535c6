"""Listings into requests: at most so many listings, at most so many bytes of body."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from infra.listings.inputs import InternshipInput

LISTINGS_LIMIT: Final = 500
# What the server reads of a body that comes with a partner's token.
BODY_LIMIT: Final = 4 * 1024 * 1024

UPSERT: Final = """\
mutation ImportListings($input: UpsertInternshipsInput!) {
  upsertInternships(input: $input) {
    results { externalRef outcome userErrors { code message field } }
    userErrors { code message field }
  }
}"""


@dataclass(frozen=True, slots=True)
class Batch:
    """The listings of one request, and the request's body."""

    listings: tuple[InternshipInput, ...]
    body: bytes

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(listing["externalRef"] for listing in self.listings)


def batch_of(listings: Sequence[InternshipInput]) -> Batch:
    request = {
        "query": UPSERT,
        "operationName": "ImportListings",
        "variables": {"input": {"internships": listings}},
    }
    return Batch(tuple(listings), orjson.dumps(request))


def batches(
    listings: Iterable[InternshipInput], *, size: int = LISTINGS_LIMIT, body_limit: int = BODY_LIMIT
) -> Iterator[Batch]:
    """Batches of at most `size`, each halved until its body fits `body_limit`."""
    pending: list[InternshipInput] = []
    for listing in listings:
        pending.append(listing)
        if len(pending) == size:
            yield from _fitting(batch_of(pending), body_limit)
            pending = []
    if pending:
        yield from _fitting(batch_of(pending), body_limit)


def halves(batch: Batch) -> tuple[Batch, Batch]:
    middle = len(batch.listings) // 2
    return batch_of(batch.listings[:middle]), batch_of(batch.listings[middle:])


def _fitting(batch: Batch, body_limit: int) -> Iterator[Batch]:
    """A single listing goes as it is: its texts are bounded, so the limit is wrong, and the server will say so."""
    if len(batch.body) <= body_limit or len(batch.listings) == 1:
        yield batch
        return
    for half in halves(batch):
        yield from _fitting(half, body_limit)
