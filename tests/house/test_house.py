"""Rules of the house that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TREES = ("api", "graph", "domain", "infra")
LINES_MOST = 400
WRITTEN = {".py", ".html"}  # by hand; the SDL is printed and the tables come from elsewhere
VAGUE = {"utils", "util", "manager", "helper", "helpers", "base", "misc"}

# Where modules are imported while running, and why.
IMPORTS_WHILE_RUNNING = {
    "api/cli.py": "a command imports its module only when it is asked for: `qingyi migrate` starts without FastAPI",
    "domain/core/text.py": "rjieba reads its dictionary as it is imported, which no start should wait for",
}


def files(*suffixes: str) -> list[Path]:
    found = (path for tree in TREES for path in sorted((PROJECT / tree).rglob("*")))
    return [path for path in found if path.suffix in suffixes and "__pycache__" not in path.parts]


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))


def imports_inside_functions(module: ast.Module) -> Iterator[int]:
    """Lines of import statements below a `def`."""
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (
                node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)
            )


def imports_by_name(module: ast.Module) -> Iterator[int]:
    """Lines of calls that import what a text names."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "import_module",
            "importlib.import_module",
            "__import__",
        }:
            yield node.lineno


def test_the_trees_are_where_this_test_looks() -> None:
    assert {path.relative_to(PROJECT).parts[0] for path in files(".py")} == set(TREES)


def test_no_import_inside_a_function() -> None:
    found = [f"{name(path)}:{line}" for path in files(".py") for line in imports_inside_functions(tree(path))]

    assert found == []


def test_no_module_is_imported_while_running_without_a_reason() -> None:
    found = {name(path) for path in files(".py") if any(imports_by_name(tree(path)))}

    assert found == IMPORTS_WHILE_RUNNING.keys()


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import a\ndef f():\n    return a\n", []),
        ("def f():\n    import a\n", [2]),
        ("class A:\n    async def f(self):\n        if True:\n            from a import b\n", [4]),
    ],
)
def test_imports_inside_functions_are_seen(source: str, lines: list[int]) -> None:
    assert list(imports_inside_functions(ast.parse(source))) == lines


def test_no_file_is_long() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(*WRITTEN)}

    assert {path: length for path, length in lengths.items() if length > LINES_MOST} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        name(path)
        for path in files(".py")
        if not ast.get_docstring(tree(path))
        and not (path.name == "__init__.py" and not path.read_text().strip())
    ]

    assert silent == []


def test_no_module_has_a_vague_name() -> None:
    assert [name(path) for path in files(".py") if path.stem.strip("_") in VAGUE] == []


@pytest.mark.parametrize("path", sorted((PROJECT / "requirements").iterdir()), ids=lambda path: path.name)
def test_a_lock_names_no_host(path: Path) -> None:
    """Where packages come from is the business of pip's and uv's own settings."""
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"\w+://\S+", text) == []
    assert (
        re.findall(
            r"^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links|--trusted-host)\b.*", text, re.MULTILINE
        )
        == []
    )


@pytest.mark.parametrize("path", sorted((PROJECT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_a_lock_has_a_hash_for_everything(path: Path) -> None:
    packages = re.findall(
        r"^[a-zA-Z0-9].*(?:\n +--hash=sha256:[0-9a-f]{64}.*)*", path.read_text(), re.MULTILINE
    )

    assert packages
    assert [
        package.partition("\n")[0] for package in packages if "--hash=" not in package or "==" not in package
    ] == []


SILENCED = re.compile(r"#\s*(noqa(: [A-Z0-9, ]+)?|type: ignore(\[[a-z, -]+\])?)$")


def test_whoever_silences_a_checker_says_why() -> None:
    found = [
        f"{name(path)}:{number}"
        for folder in (*TREES, "bench", "migrations", "tests")
        for path in sorted((PROJECT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SILENCED.search(line)
    ]

    assert found == []
