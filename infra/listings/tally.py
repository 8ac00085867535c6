"""What became of each row, counted; refusals together by their cause, each with one listing as an example."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from infra.listings.answers import Outcome, Result, UserError
from infra.listings.refusal import Refusal, RefusalReason

_NUMBERS = re.compile(r"\d[\d,.]*")
_ABOVE_THE_LISTING = frozenset({"input", "internships"})


@dataclass(frozen=True, slots=True)
class Cause:
    """A rule of the server. Messages that differ in their numbers alone (`headcount 501`, `502`) are one cause."""

    code: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Example:
    external_ref: str
    words: str


@dataclass(frozen=True, slots=True)
class Size:
    """Of one request."""

    listings: int
    body: int


def _cause(error: UserError) -> Cause:
    path = (part for part in error.field or () if part not in _ABOVE_THE_LISTING and not part.isdigit())
    return Cause(error.code, ".".join(path), _NUMBERS.sub("#", error.message))


@dataclass(frozen=True, slots=True)
class Tally:
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    unsent: Counter[RefusalReason] = field(default_factory=Counter)
    refused: Counter[Cause] = field(default_factory=Counter)
    examples: dict[Cause | RefusalReason, Example] = field(default_factory=dict)
    requests: list[Size] = field(default_factory=list)

    def add_request(self, listings: int, body: int) -> None:
        self.requests.append(Size(listings, body))

    def add_refusal(self, refusal: Refusal) -> None:
        self.unsent[refusal.reason] += 1
        reference = refusal.external_ref or f"line {refusal.line}"
        self.examples.setdefault(refusal.reason, Example(reference, refusal.detail))

    def add_results(self, results: Iterable[Result]) -> None:
        for result in results:
            self.outcomes[result.outcome] += 1
            for error in result.user_errors:
                cause = _cause(error)
                self.refused[cause] += 1
                self.examples.setdefault(cause, Example(result.external_ref, error.message))
