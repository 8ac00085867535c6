"""What is too much about a document: counted with every fragment in its place, in time that grows with its length."""

import time

import pytest
from graphql import parse

from graph.core.limits import excesses


def too_much(document: str) -> list[str]:
    return [found.message.partition(": ")[2].partition(", at most")[0] for found in excesses(parse(document))]


def nested(depth: int, inner: str = "b") -> str:
    return "{ " + "a { " * depth + inner + " }" * depth + " }"


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("{ a }", []),
        (nested(12), []),
        (nested(13), ["depth"]),
        ("{ __schema " + nested(30) + " }", []),
        ("{ ...on Query " + nested(12) + " }", []),
        (nested(6, "...f") + " fragment f on A " + nested(6), []),
        (nested(6, "...f") + " fragment f on A " + nested(7), ["depth"]),
        (
            "fragment g on A " + nested(5) + nested(5, "...f") + " fragment f on A " + nested(3, "...g"),
            ["depth"],
        ),
        ("{ " + " ".join(f"a{i}: a" for i in range(15)) + " }", []),
        ("{ " + " ".join(f"a{i}: a" for i in range(16)) + " }", ["aliases"]),
        ("{ ...f ...f } fragment f on Q { " + " ".join(f"a{i}: a" for i in range(8)) + " }", ["aliases"]),
        ("query a { b: a } query c { " + " ".join(f"a{i}: a" for i in range(15)) + " }", ["aliases"]),
        (" ".join(f"query q{i} {{ a }}" for i in range(21)), ["operations"]),
        ("{" + "a " * 141 + "}", []),
        ("{" + "a " * 142 + "}", ["pairs of equal names"]),
        ("{" + "...f " * 142 + "} fragment f on Q { a }", ["pairs of equal names"]),
        ("{ ...f } fragment f on Q { ...f }", []),  # a circle: validation's to refuse
        ("{ ...f } fragment f on Q { ...g a } fragment g on Q { ...f b }", []),
        ("{ ...nothing }", []),
        (
            "{ ...f0 } "
            + " ".join(f"fragment f{i} on Q {{ ...f{i + 1} }}" for i in range(49))
            + " fragment f49 on Q { a }",
            [],
        ),
        (
            "{ ...f0 } "
            + " ".join(f"fragment f{i} on Q {{ ...f{i + 1} }}" for i in range(50))
            + " fragment f50 on Q { a }",
            ["row of fragments"],
        ),
    ],
)
def test_excesses(document: str, found: list[str]) -> None:
    assert too_much(document) == found


def test_fragments_that_double_are_counted_without_being_walked() -> None:
    steps = " ".join(f"fragment f{i} on Q {{ x: a ...f{i + 1} ...f{i + 1} }}" for i in range(60))
    document = parse("{ ...f0 } " + steps + " fragment f60 on Q { a }")
    start = time.process_time()
    messages = [found.message for found in excesses(document)]
    assert time.process_time() - start < 0.2
    assert any("aliases" in message for message in messages)
