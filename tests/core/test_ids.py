"""Global ids: opaque, of one type, and nothing else passes for one."""

import base64
import string
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.refusals import NotFound
from graph.core.ids import Tag, decode, decode_all, decode_if, encode, parse

uuids = st.uuids(version=None)


@given(st.sampled_from(Tag), uuids)
def test_round_trip(tag: Tag, key: UUID) -> None:
    text = encode(tag, key)
    assert len(text) == 24
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")
    assert parse(text) == (tag, key)
    assert decode(tag, text) == key


@given(st.sampled_from(Tag), uuids, st.integers(0, 23), st.characters())
def test_a_changed_id_is_another_or_none(tag: Tag, key: UUID, at: int, character: str) -> None:
    text = encode(tag, key)
    changed = text[:at] + character + text[at + 1 :]
    assert (parse(changed) == (tag, key)) == (changed == text)


@given(st.text(max_size=40))
def test_any_text_is_read(text: str) -> None:
    found = parse(text)
    assert found is None or encode(*found) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "Internship:1",
        "０" * 24,
        "A" * 24,
        "+" * 24,
        "=" * 24,
        base64.b64encode(b"Xx" + bytes(16)).decode(),
        base64.b64encode(b"In" + bytes(15)).decode(),
        base64.b64encode(b"In" + bytes(17)).decode(),
        encode(Tag.Internship, UUID(int=0)) + "\n",
    ],
)
def test_what_encode_did_not_make_is_not_found(text: str) -> None:
    with pytest.raises(NotFound) as refusal:
        decode(Tag.Internship, text, "internship_id")
    assert refusal.value.field == ("internship_id",)


def test_an_id_of_another_type_is_not_found() -> None:
    key = uuid4()
    with pytest.raises(NotFound):
        decode(Tag.Internship, encode(Tag.Organization, key))
    with pytest.raises(NotFound):
        decode_all(Tag.Unit, [encode(Tag.Unit, key), encode(Tag.Youth, key)])
    assert decode_if(Tag.Unit, None) is None


def test_tags_are_two_letters_and_each_once() -> None:
    assert all(len(tag.value) == 2 and tag.value.isalpha() for tag in Tag)
    assert len({tag.value for tag in Tag}) == len(Tag)


def test_tags_given_once_are_never_changed() -> None:
    """Ids are kept by clients for years: this table may grow, and that is all."""
    given_out = {
        "Youth": b"Yo",
        "Unit": b"Un",
        "StaffMember": b"St",
        "Organization": b"Or",
        "ApiToken": b"At",
        "Internship": b"In",
        "InternshipApplication": b"Ia",
        "InternshipSearch": b"Is",
        "JobFair": b"Jf",
        "Notification": b"No",
        "ReviewItem": b"Ri",
    }
    assert given_out.items() <= {tag.name: tag.value for tag in Tag}.items()
