"""The ring of root keys: what it accepts, and that it repeats no secret when it does not."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.keys import BadKeys, key_ring, new_key, parse_keys
from infra.settings import Environment, Settings

A_KEY = "A" * 43 + "="


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "at least one key"),
        (" , ", "at least one key"),
        ("a secret", "1 to 12 lower-case"),
        ("OLD:AAAA", "1 to 12 lower-case"),
        ("a:***", "key a is not base64"),
        ("a:AAAA", "key a has 3 bytes, not 32"),
        (f"a:{A_KEY},a:{A_KEY}", "each id once"),
    ],
)
def test_a_wrong_ring_is_refused_without_repeating_it(text: str, complaint: str) -> None:
    with pytest.raises(BadKeys, match=complaint) as refusal:
        parse_keys(text)
    assert "AAAA" not in str(refusal.value)


def test_the_newest_key_comes_first_and_purposes_differ() -> None:
    ring = parse_keys(f" {new_key('b2')}, {new_key('a1')} ")
    assert ring.newest.id == "b2"
    assert list(ring.derive_all("tokens")) == ["b2", "a1"]
    assert ring.newest.derive("tokens") != ring.newest.derive("cursors")
    assert "secret" not in repr(ring)


def test_a_development_ring_is_made_once_and_kept_private(tmp_path: Path) -> None:
    config = Settings(data_dir=tmp_path)
    assert key_ring(config) == key_ring(config)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


@pytest.mark.parametrize("keys", [None, SecretStr("a:AAAA")])
def test_production_ends_without_good_keys(
    keys: SecretStr | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        key_ring(Settings(env=Environment.PRODUCTION, keys=keys, data_dir=tmp_path))
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("qingyi: wrong setting QINGYI_KEYS: ")
    assert not (tmp_path / "keys").exists()
