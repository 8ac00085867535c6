"""What became of each thing that a partner posted, as clients see it."""

from domain.core.upserts import UpsertOutcome
from graph.core.enums import served

served(UpsertOutcome, "What became of one item of a call.")

__all__ = ["UpsertOutcome"]
