"""
What partners post by their own keys, up to 500 at a time; each stands or falls alone.

A thing is keyed by (organization, externalRef). The same content again is UNCHANGED and touches nothing. A programme
reads what is there already (locked, in the order of ids), lets `settle` decide about each, and writes all at once.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

import orjson

from domain.core.refusals import ErrorCode, Refusal

BATCH_MOST = 500


class UpsertOutcome(StrEnum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REJECTED = "REJECTED"


class TooManyAtOnce(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "一次最多提交 {most} 条，收到 {count} 条。"
    en = "{most} a call at most, not {count}."


class NamedTwice(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "同一次提交中 externalRef {ref} 重复。"
    en = "The externalRef {ref} stands twice in this call."


class Content(Protocol):
    """What a partner says of a thing: a dataclass with the partner's key."""

    @property
    def external_ref(self) -> str: ...


class Known(Protocol):
    """What is known of a thing that is there already."""

    @property
    def id(self) -> UUID: ...
    @property
    def content_hash(self) -> bytes: ...


@dataclass(slots=True)
class UpsertResult:
    """What became of one thing of the call."""

    external_ref: str
    outcome: UpsertOutcome
    record_id: UUID | None = None
    reasons: list[Refusal] = field(default_factory=list)


C = TypeVar("C", bound=Content)
K = TypeVar("K", bound=Known)


def content_hash(content: Any) -> bytes:
    """Equal contents have equal hashes; part of what is stored, so a change of form makes everything UPDATED once."""
    return hashlib.sha256(orjson.dumps(asdict(content), option=orjson.OPT_SORT_KEYS)).digest()


def require_batch(things: Sequence[object], name: str) -> None:
    """TooManyAtOnce, at the input field `name`, beyond 500."""
    if len(things) > BATCH_MOST:
        raise TooManyAtOnce(name, most=BATCH_MOST, count=len(things))


def settle(
    contents: Sequence[C],
    known: Mapping[str, K],
    name: str,
    *,
    faults: Callable[[C, K | None], list[Refusal]],
    create: Callable[[C], UUID],
    update: Callable[[C, K], None],
) -> list[UpsertResult]:
    """
    Decide about each content in turn; one result each, in order. Reasons lie below the input field `name`.

    `create` gives the new id. It and `update` only note down what is to be written, and are called before the next
    content is looked at: what they count, its `faults` see.
    """
    results, seen = [], set[str]()
    for index, content in enumerate(contents):
        result = UpsertResult(content.external_ref, UpsertOutcome.REJECTED)
        results.append(result)
        before = known.get(content.external_ref)
        if content.external_ref in seen:
            result.reasons = [NamedTwice("external_ref", ref=content.external_ref[:100])]
        elif before is not None and before.content_hash == content_hash(content):
            result.outcome, result.record_id = UpsertOutcome.UNCHANGED, before.id
        elif not (reasons := faults(content, before)):
            if before is None:
                result.outcome, result.record_id = UpsertOutcome.CREATED, create(content)
            else:
                result.outcome, result.record_id = UpsertOutcome.UPDATED, before.id
                update(content, before)
        else:
            result.reasons = reasons
        seen.add(content.external_ref)
        result.reasons = [reason.at(name, str(index)) for reason in result.reasons]
    return results
