"""The image and what goes into it. No container engine is needed: the wheel is built and run, the rest is read."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from graph.schema import schema
from infra.migrate import head

PROJECT = Path(__file__).resolve().parents[2]
TREES = ("api", "graph", "domain", "infra", "migrations")
HADOLINT = shutil.which(
    "hadolint", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
)

BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
LOOK = """
import json, api.pages, infra.migrate, domain.core.divisions as divisions
print(json.dumps([infra.migrate.__file__, divisions.__file__, infra.migrate.head(), len(api.pages.explorer_page())]))
"""


def _stages() -> list[str]:
    """The stages of the Dockerfile, comments left out and continued lines joined."""
    text = re.sub(r"^#.*\n", "", (PROJECT / "Dockerfile").read_text(), flags=re.MULTILINE).replace(
        "\\\n", " "
    )
    return re.split(r"^(?=FROM )", text, flags=re.MULTILINE)[1:]


def _instructions(stage: str, name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)", stage, re.MULTILINE)


def _sources() -> set[str]:
    """Everything in the trees that is not made by running."""
    return {
        path.relative_to(PROJECT).as_posix()
        for tree in TREES
        for path in (PROJECT / tree).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as the Dockerfile does, from nothing but what .dockerignore lets through."""
    context, built = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("wheel")
    for line in (PROJECT / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            source = PROJECT / line[1:]
            if source.is_dir():
                shutil.copytree(source, context / line[1:], ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, context)
    building = subprocess.run(
        [sys.executable, "-c", BUILD, built], cwd=context, capture_output=True, text=True, check=False
    )
    assert building.returncode == 0, building.stderr
    [file] = built.glob("*.whl")
    return file


def test_the_wheel_holds_every_module_and_every_data_file(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == _sources()
    assert {"api/explorer.html", "domain/core/data/divisions.csv", "migrations/env.py"} <= packed


def test_the_wheel_works_outside_the_tree(wheel: Path, tmp_path: Path) -> None:
    # given: the wheel's files before everything else on the path, the project's folder not on it
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    # when
    migrate, divisions, revision, size = json.loads(run("-c", LOOK))
    sdl = run("-m", "api.cli", "export-schema")

    # then
    assert all(Path(path).is_relative_to(tmp_path / "site") for path in (migrate, divisions))
    assert revision == head()
    assert size > 0
    assert sdl.strip() == schema.as_str().strip()


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_hadolint_finds_nothing() -> None:
    assert HADOLINT is not None
    found = subprocess.run([HADOLINT, PROJECT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout + found.stderr


def test_packages_are_installed_by_hash_and_before_the_source() -> None:
    build = _stages()[0]

    installs = [line for line in _instructions(build, "RUN") if " install " in line]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == []
    assert build.index("requirements/app.txt") < build.index("COPY . .")


def test_the_last_stage_is_bare() -> None:
    last = _stages()[-1]

    assert len(_stages()) >= 2
    [user] = _instructions(last, "USER")
    assert re.fullmatch(r"[1-9]\d{4,}:[1-9]\d{4,}", user), "a fixed number that is not root's"
    assert _instructions(last, "COPY") == ["--from=build /opt/venv /opt/venv"]
    assert re.findall(r"\b(?:apt-get|apk|pip install|uv pip|gcc|ensurepip --)", last) == []
    assert "pip uninstall" in last
    assert _instructions(last, "EXPOSE") == ["8000"]
    assert [json.loads(_instructions(last, part)[0]) for part in ("ENTRYPOINT", "CMD")] == [
        ["qingyi"],
        ["serve"],
    ]


def test_the_healthcheck_asks_whether_the_process_answers() -> None:
    [check] = _instructions(_stages()[-1], "HEALTHCHECK")

    program, flag, code = json.loads(check[check.index("CMD ") + 4 :])
    assert (program, flag) == ("python", "-c")
    assert "/livez" in ast.unparse(ast.parse(code))
    # Readiness is for the balancer: a database that is away must not have every server killed.
    assert "readyz" not in code


def test_compose_gives_no_secret_away_and_opens_one_port() -> None:
    compose = (PROJECT / "compose.yaml").read_text()

    for secret in ("QINGYI_KEYS", "POSTGRES_PASSWORD", "VALKEY_PASSWORD"):
        assert f"${{{secret}:?" in compose, f"{secret} must be required"
    assert compose.count("\n    ports:") == 1
    assert "QINGYI_ENV: production" in compose
    images = re.findall(r"^ +image: (\S+)", compose, re.MULTILINE)
    assert {"postgres:18", "valkey/valkey:9"} <= set(images)
    assert "\t" not in compose


def test_secrets_stay_out_of_git_and_of_the_image() -> None:
    assert ".env" in (PROJECT / ".gitignore").read_text().splitlines()
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    assert not any(line.startswith("!") and ("env" in line or "var" in line) for line in ignored)
