"""
Documents, found by the hash of their text: parsed, measured and validated once, whatever came of it.

Trusted ones (`graph/documents/*.graphql`) are known from the start and are never forgotten. What strangers send is kept in
the order of its last use, bounded in number and in length together. A hash alone finds those that were sent before in full.
Partners may send longer documents, and not every deployment shows its schema, so that both are part of the key.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from graph.core.limits import TOKENS_MOST, TOKENS_MOST_PARTNER, excesses
from graph.core.sharing import Sharing
from graph.execution import Plan

FOLDER = Path(__file__).parents[1] / "documents"
KEPT_MOST = 1_000
KEPT_CHARACTERS = 10_000
"""A longer document is not kept: what strangers send must not fill the memory."""
KEPT_CHARACTERS_TOGETHER = 1_000_000
_PUBLIC = re.compile(r"\A# public, (\d{1,5}) s\n")


class UnknownOperation(Exception):
    """The document has no operation, or none of the name."""


class UnknownDocument(Exception):
    """Nothing is known by this hash."""


@dataclass(slots=True, eq=False)
class Prepared:
    """A document with what parsing, limits and validation made of it; it is run when there are no errors."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    public_seconds: int | None = None
    """How long anybody may keep the answers to strangers; None: nobody may."""
    plans: dict[str | None, Plan] = field(default_factory=dict)
    """By operation, what its execution has made ready."""
    sharing: dict[str | None, Sharing | None] = field(default_factory=dict)
    """By operation, what is known of answering many at once; None for what writes."""
    kept: bool = True
    """Whoever sends it again gets the same; of what is not kept nothing is learned."""

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation of this name, or the first. UnknownOperation where there is none; None for no document at all."""
        if self.document is None:
            return None
        for found in self.document.definitions:
            if isinstance(found, OperationDefinitionNode) and (
                name is None or (found.name is not None and found.name.value == name)
            ):
                return found
        raise UnknownOperation

    @property
    def several(self) -> bool:
        """Are there several operations, of which one must be named (GraphQL, 6.1)?"""
        assert self.document is not None
        return sum(isinstance(found, OperationDefinitionNode) for found in self.document.definitions) > 1

    def reads(self, name: str | None) -> bool:
        found = self.operation(name)
        return found is not None and found.operation is OperationType.QUERY


@lru_cache(maxsize=1)
def trusted_texts() -> Mapping[str, str]:
    """Texts of the trusted documents by the SHA-256 of their files, in hex."""
    found = (path.read_bytes() for path in sorted(FOLDER.glob("*.graphql")))
    return {sha256(text).hexdigest(): text.decode() for text in found}


@lru_cache(KEPT_CHARACTERS_TOGETHER // KEPT_CHARACTERS)
def digest_of(text: str) -> str:
    """By what a document is found: SHA-256 of its whole text, in hex. Of texts that may be kept."""
    return sha256(text.encode()).hexdigest()


class Documents:
    """All documents of a process."""

    def __init__(self, schema: GraphQLSchema, trusted: Mapping[str, str]) -> None:
        self._schema = schema
        self._trusted_texts = trusted
        self._trusted: dict[tuple[str, bool, bool], Prepared] = {}
        self._kept: OrderedDict[tuple[str, bool, bool], tuple[Prepared, int]] = OrderedDict()
        self._characters = 0

    def trusted(self, digest: str) -> bool:
        return digest in self._trusted_texts

    def known(self, digest: str, *, partner: bool, introspection: bool) -> Prepared:
        """By its hash alone. UnknownDocument for one that is neither trusted nor kept."""
        key = (digest, partner, introspection)
        found = self._trusted.get(key)
        if found is not None:
            return found
        text = self._trusted_texts.get(digest)
        if text is not None:
            found = self._trusted[key] = self._prepared(text, partner=partner, introspection=introspection)
            public = _PUBLIC.match(text)
            found.public_seconds = int(public.group(1)) if public else None
            return found
        kept = self._kept.get(key)
        if kept is None:
            raise UnknownDocument
        self._kept.move_to_end(key)
        return kept[0]

    def prepared(self, text: str, *, partner: bool, introspection: bool) -> Prepared:
        """By its text."""
        if len(text) > KEPT_CHARACTERS:
            made = self._prepared(text, partner=partner, introspection=introspection)
            made.kept = False
            return made
        digest = digest_of(text)
        try:
            return self.known(digest, partner=partner, introspection=introspection)
        except UnknownDocument:
            made = self._prepared(text, partner=partner, introspection=introspection)
        self._kept[digest, partner, introspection] = made, len(text)
        self._characters += len(text)
        while len(self._kept) > KEPT_MOST or self._characters > KEPT_CHARACTERS_TOGETHER:
            _, (_, characters) = self._kept.popitem(last=False)
            self._characters -= characters
        return made

    def _prepared(self, text: str, *, partner: bool, introspection: bool) -> Prepared:
        try:
            document = parse(text, max_tokens=TOKENS_MOST_PARTNER if partner else TOKENS_MOST)
        except GraphQLError as error:
            return Prepared(None, (error,))
        if not any(isinstance(found, ExecutableDefinitionNode) for found in document.definitions):
            return Prepared(document)
        rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        return Prepared(document, tuple(excesses(document) or validate(self._schema, document, rules)))
