"""`qingyi import-listings` from the outside: what it prints, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from api.commands.import_listings import import_listings

app = typer.Typer()
app.command()(import_listings)

ROWS = [
    {"id": "T1", "title": "茶艺实习生", "city_code": "440100", "headcount": "若干"},
    {"id": "T2", "title": "制茶实习生", "city_code": "440300"},
    {"id": "T3", "title": "评茶实习生", "city": "长安"},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in ROWS]
    path.write_text("\n".join([*lines, "", "{oops"]), encoding="utf-8")
    return path


def run(file: Path, *options: str) -> Result:
    return CliRunner(env={"COLUMNS": "200", "QINGYI_PARTNER_TOKEN": ""}).invoke(app, [str(file), *options])


def test_listings_are_posted_and_summed_up(file: Path, endpoint: Any) -> None:
    options = ("--organization", "org-1", "--token", "qyp_test", "--url", endpoint.url, "--batch", "1")
    first, second = run(file, *options), run(file, *options)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert endpoint.upserts == [["T1"], ["T2"], ["T1"], ["T2"]]
    assert summary(first)["CREATED"] == "2"
    assert summary(second)["UNCHANGED"] == "2"
    assert summary(first)["not sent"] == "2"
    assert "T3 (长安)" in first.stdout
    assert "line 5" in first.stdout
    assert "posting as 样例茶馆" in first.stderr
    assert "posting as" not in first.stdout


def test_a_dry_run_needs_no_token_and_posts_nothing(file: Path, endpoint: Any) -> None:
    result = run(file, "--dry-run", "--url", endpoint.url)
    assert result.exit_code == 0
    assert summary(result)["not sent"] == "2"
    assert "2 listings in batches: 1," in result.stdout
    assert endpoint.tokens == []


def test_the_token_of_another_organization_posts_nothing(file: Path, endpoint: Any) -> None:
    result = run(file, "--organization", "org-2", "--token", "qyp_test", "--url", endpoint.url)
    assert result.exit_code == 1
    assert "not to organization org-2" in result.stderr
    assert result.stdout == ""
    assert endpoint.upserts == []


def test_a_refused_token_ends_the_command(file: Path, endpoint: Any) -> None:
    endpoint.then(401, b"expired")
    result = run(file, "--token", "qyp_test", "--url", endpoint.url)
    assert result.exit_code == 1
    assert "the token is not accepted (HTTP 401): expired" in result.stderr


@pytest.mark.parametrize("token", [(), ("--token", ""), ("--token", "qyp_\n"), ("--token", "令牌")])
def test_without_a_possible_token_nothing_is_asked(file: Path, endpoint: Any, token: tuple[str, ...]) -> None:
    result = run(file, *token, "--url", endpoint.url)
    assert result.exit_code == 2
    assert "--token" in result.stderr
    assert endpoint.tokens == []


def summary(result: Result) -> dict[str, str]:
    """The rows of the first table."""
    cells = (line.split("│") for line in result.stdout.splitlines() if line.count("│") == 3)
    return {cell[1].strip(): cell[2].strip() for cell in cells}
