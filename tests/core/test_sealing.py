"""Field encryption: what is sealed opens in its place, by its key, unaltered, and not otherwise."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.sealing import SealBroken, place
from infra.keys import KeyRing, new_key, parse_keys
from infra.sealing import RingSealer

OLD, NEW = new_key("old"), new_key("new")
SEALER = RingSealer(parse_keys(OLD))
ROTATED = RingSealer(parse_keys(f"{NEW},{OLD}"))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(texts, texts)
def test_round_trip(text: str, where: str) -> None:
    sealed = SEALER.seal(text, where)
    assert SEALER.open(sealed, where) == text
    assert sealed != SEALER.seal(text, where), "a nonce is used once"
    if len(text) > 3:
        assert text.encode() not in sealed


@given(texts, st.data())
def test_an_altered_ciphertext_does_not_open(text: str, data: st.DataObject) -> None:
    sealed = SEALER.seal(text, "here")
    at = data.draw(st.integers(0, len(sealed) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    altered = sealed[:at] + bytes([sealed[at] ^ bit]) + sealed[at + 1 :]
    for broken in (altered, sealed[:at], sealed + b"\0"):
        with pytest.raises(SealBroken):
            SEALER.open(broken, "here")


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(raw, "here")


def test_a_ciphertext_does_not_open_in_another_row_column_or_table() -> None:
    row = uuid4()
    here = place("accounts_youth", "phone", row)
    sealed = SEALER.seal("+8613800138000", here)
    for there in (
        place("accounts_youth", "phone", uuid4()),
        place("accounts_youth", "legal_name", row),
        place("accounts_staff", "phone", row),
        "",
    ):
        with pytest.raises(SealBroken):
            SEALER.open(sealed, there)


def test_after_a_rotation_the_older_key_opens_and_the_newest_seals() -> None:
    before = SEALER.seal("陈小明", "here")
    assert ROTATED.open(before, "here") == "陈小明"
    after = ROTATED.seal("陈小明", "here")
    assert b"new" in after[:5]
    with pytest.raises(SealBroken):
        SEALER.open(after, "here")  # a ring without the newer key


def test_a_key_of_the_same_name_is_not_the_same_key() -> None:
    with pytest.raises(SealBroken):
        RingSealer(parse_keys(new_key("old"))).open(SEALER.seal("a", "here"), "here")


@given(texts, texts)
def test_a_blind_index_is_equal_for_equal_texts_alone(text: str, other: str) -> None:
    assert SEALER.blind(text, "phone") == RingSealer(parse_keys(OLD)).blind(text, "phone")
    assert len(SEALER.blind(text, "phone")) == 32
    assert SEALER.blind(text, "phone") != SEALER.blind(text, "identity")
    assert (SEALER.blind(text, "phone") == SEALER.blind(other, "phone")) == (text == other)
    assert SEALER.blind(text, "phone") in ROTATED.blinds(text, "phone").values()
    assert ROTATED.blind(text, "phone") == ROTATED.blinds(text, "phone")["new"] != SEALER.blind(text, "phone")


def test_purposes_have_keys_of_their_own() -> None:
    ring: KeyRing = parse_keys(OLD)
    purposes = ("fields", "blind:phone", "cursors", "access-tokens", "secrets-by-idempotency-key")
    assert len({ring.newest.derive(purpose) for purpose in purposes}) == len(purposes)
