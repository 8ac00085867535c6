"""API tokens' secrets: their form, their checksum, and that a key and seed give one secret."""

import math
import re
import string
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from domain.partners.secrets import PREFIX, RANDOM_LENGTH, derived_secret, new_secret, well_formed

RUNNING = (Path(__file__).parents[2] / "docs/running.md").read_text(encoding="utf-8")
FORM = re.compile(*re.findall(r"^(qyp_.*)$", RUNNING, re.MULTILINE))
"""As it is told to those who scan code and logs."""
BASE62 = string.digits + string.ascii_letters


def test_a_secret_has_its_form_and_enough_chance() -> None:
    made = {new_secret() for _ in range(500)}
    assert len(made) == 500
    assert all(FORM.fullmatch(secret) and well_formed(secret) for secret in made)
    assert math.log2(62**RANDOM_LENGTH) >= 178


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_scanner_finds_a_secret_in_any_text(before: str, after: str) -> None:
    secret = new_secret()
    assert secret in FORM.findall(f"{before}\ntoken = '{secret}'{after}")
    assert secret in FORM.findall(f"https://x.example/?t={secret}&{before}")
    assert FORM.findall(before) == []


@given(st.integers(0, 39), st.sampled_from(BASE62))
def test_one_wrong_character_is_noticed(at: int, character: str) -> None:
    secret = new_secret()
    changed = secret[:at] + character + secret[at + 1 :]
    assert well_formed(changed) == (changed == secret)


@given(st.integers(len(PREFIX), 38))
def test_two_swapped_characters_are_noticed(at: int) -> None:
    secret = new_secret()
    changed = secret[:at] + secret[at + 1] + secret[at] + secret[at + 2 :]
    assert well_formed(changed) == (changed == secret)


@given(st.text(max_size=50) | st.text(BASE62, min_size=36, max_size=36).map(PREFIX.__add__))
def test_other_texts_are_refused(text: str) -> None:
    assert not well_formed(text)


@given(st.binary(min_size=32, max_size=32), st.text(max_size=20), st.text(max_size=20))
def test_a_derived_secret_is_always_the_same(key: bytes, seed: str, other: str) -> None:
    secret = derived_secret(key, seed)
    assert well_formed(secret)
    assert secret == derived_secret(key, seed)
    assert (secret == derived_secret(key, other)) == (seed == other)
    assert secret != derived_secret(key[::-1] + b"x", seed)
