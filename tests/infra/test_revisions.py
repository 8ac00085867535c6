"""What the code wants a database to be, read from files: the same as Alembic says, and one clear line when it cannot be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from infra import revisions
from infra.migrate import configuration
from infra.revisions import NoSingleHead, head, reference_data


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of revisions instead of the project's."""
    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(revisions, "MIGRATIONS", tmp_path)
    head.cache_clear()
    yield tmp_path / "versions"
    head.cache_clear()


def test_the_head_is_alembics() -> None:
    assert head() == ScriptDirectory.from_config(configuration()).get_current_head()


def test_any_way_of_writing_a_revision_is_read(migrations: Path) -> None:
    (migrations / "b.py").write_text("revision = '2'\ndown_revision = \"1\"\ndef f():\n    revision = 3\n")
    (migrations / "a.py").write_text('revision: str = "1"\ndown_revision: str | None = None\n')
    assert head() == "2"


def test_two_ends_are_an_error_that_names_them(migrations: Path) -> None:
    for name in ("2a", "2b"):
        (migrations / f"{name}.py").write_text(f"revision = {name!r}\ndown_revision = '1'\n")
    with pytest.raises(NoSingleHead, match="'2a', '2b'"):
        head()


def test_changed_reference_data_have_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = reference_data()
    data, loader = tmp_path / "domain" / "core" / "data", tmp_path / "reference.py"
    data.mkdir(parents=True)
    loader.write_text("")
    monkeypatch.setattr(revisions, "PROJECT", tmp_path)
    monkeypatch.setattr(revisions, "LOADER", loader)
    hashes = {before}
    for content in ("a", "b"):
        (data / "divisions.csv").write_text(content)
        reference_data.cache_clear()
        hashes.add(reference_data())
    reference_data.cache_clear()
    assert len(hashes) == 3
