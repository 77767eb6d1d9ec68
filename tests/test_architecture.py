"""Holds the walls up: who may import whom, one door per library, no hidden imports, the house's bounds."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pipeforge"
FILES = sorted(PACKAGE.rglob("*.py"))

# What each part may import of ours, beside itself.
MAY = {
    "": {"loading"},
    "alarms": set(),
    "__main__": {"cli"},
    "cli": {"", "commands", "errors", "loading"},
    "commands": {
        "adapter", "adapters", "emulators", "engine", "errors", "graphs", "journal", "language", "lint",
        "loading", "planning", "redaction", "reports", "",
    },
    "reports": {"", "adapter", "language", "lint", "planning", "engine", "journal"},
    "lint": {"adapter", "language", "loading", "planning", "errors"},
    "lsp": {"adapter", "errors", "language", "lint", "loading"},
    "engine": {"adapter", "alarms", "errors", "freshness", "journal", "planning"},
    "journal": {"engine", "errors", "adapter"},
    "adapters": {"", "adapter", "alarms", "errors", "freshness", "language", "loading", "redaction"},
    "planning": {"adapter", "errors", "language"},
    "graphs": {"planning"},
    "adapter": {"errors", "language"},
    "language": {"adapter", "errors", "loading"},
    "contract": {
        "adapter", "adapters", "cli", "commands", "emulators", "engine", "errors", "journal", "loading",
        "planning",
    },
    "pytest_plugin": {"commands", "language", "lint", "loading", "reports"},
    "recording": {"adapter", "adapters", "redaction"},
    "emulators": set(),
    "errors": set(),
    "freshness": set(),
    "redaction": set(),
    "loading": set(),
}  # fmt: skip

# Reports show values: these parts of the engine and the journal are all they may know.
REPORTS_SEE = {"pipeforge.engine.events", "pipeforge.engine.state", "pipeforge.journal"}

DOORS = {
    "ruamel": {"language/parsing.py", "language/folding.py", "emulators/treasure/dig.py"},
    "_ruamel_yaml": {"language/parsing.py", "language/folding.py"},
    "jinja2": {"language/sandbox.py"},
    "networkx": {"graphs.py"},
    "httpx": {"adapters/sockets.py", "contract/killed/"},
    "aiohttp": {"adapters/sockets.py"},
    "rich": {"reports/tree.py"},
    "cronsim": {"language/recurring.py", "emulators/treasure/scheduling.py"},
    "cryptography": {"adapters/krewdata/sealing.py"},
    "sqlite3": {"journal/", "contract/killed/databases.py"},
    "psycopg": {"journal/postgres/"},
    "pygls": {"lsp/server.py"},
    "lsprotocol": {"lsp/protocol.py", "lsp/session.py", "lsp/answering.py", "lsp/server.py"},
    "starlette": {"emulators/"},
    "uvicorn": {"emulators/"},
}

FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "service"}


def part(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    if relative.name == "__init__.py" and len(relative.parts) == 1:
        return ""
    return relative.parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            modules = [alias.name for alias in node.names if is_module(node.module, alias.name)]
            yield from (f"{node.module}.{name}" for name in modules)
            if len(modules) < len(node.names):
                yield node.module


def is_module(package: str, name: str) -> bool:
    folder = ROOT.joinpath(*package.split("."))
    return package.startswith("pipeforge") and ((folder / f"{name}.py").is_file() or (folder / name).is_dir())


def target(module: str) -> str:
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_part_imports_only_what_it_may(path: Path) -> None:
    here = part(path)
    for module in imports(path):
        if module != "pipeforge" and not module.startswith("pipeforge."):
            continue
        there = target(module)
        assert there == here or there in MAY[here], f"{path.relative_to(ROOT)} imports {module}"
        if here == "reports" and there in ("engine", "journal"):
            assert module in REPORTS_SEE, f"{path.relative_to(ROOT)} imports {module}"
        if here == "journal" and there == "engine":
            assert module in ("pipeforge.engine", "pipeforge.engine.events"), f"{path} imports {module}"
        if here == "emulators":
            assert there == "emulators", f"{path.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize("vendor", ["trocco", "treasure", "workato", "krewdata", "reckoner"])
def test_vendors_do_not_know_each_other(vendor: str) -> None:
    for folder in ("adapters", "emulators"):
        others = {"trocco", "treasure", "workato", "krewdata", "reckoner"} - {vendor}
        for path in (PACKAGE / folder / vendor).rglob("*.py"):
            for module in imports(path):
                assert not any(module.startswith(f"pipeforge.{folder}.{other}") for other in others), (
                    path,
                    module,
                )


def test_commands_do_not_know_each_other() -> None:
    from pipeforge.cli import COMMANDS

    for name in COMMANDS:
        for module in imports(PACKAGE / "commands" / f"{name}.py"):
            pieces = module.split(".")
            assert (
                pieces[:2] != ["pipeforge", "commands"] or pieces[2:3] == [] or pieces[2] not in COMMANDS
            ), (name, module)


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_library_has_one_door(library: str) -> None:
    for path in FILES:
        if any(module.split(".")[0] == library for module in imports(path)):
            relative = str(path.relative_to(PACKAGE))
            assert any(relative.startswith(door) for door in DOORS[library]), f"{relative} imports {library}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_hides_in_a_function(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{path}:{node.lineno} {node.name}"
    if path.name != "loading.py":
        assert not any(module.split(".")[0] == "importlib" for module in imports(path)), path


def test_there_is_no_cycle() -> None:
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in FILES
    }
    edges = {
        name: {module for module in imports(path) if module in names and module != name}
        for name, path in names.items()
    }
    # A package's __init__ runs before its modules; importing a sibling from inside is no cycle by itself.
    seen: dict[str, int] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert seen.get(name) != 1, " -> ".join((*above, name))
        if name in seen:
            return
        seen[name] = 1
        for other in sorted(edges[name]):
            visit(other, (*above, name))
        seen[name] = 2

    for name in sorted(edges):
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_house_keeps_its_bounds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300, f"{path} is too long"
    assert path.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(tree(path)), f"{path} does not say what it is for"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None and node.end_lineno - node.lineno < 60, (
                f"{path}:{node.lineno} {node.name}"
            )
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            assert len([a for a in arguments if a.arg not in ("self", "cls")]) <= 6, (
                f"{path}:{node.lineno} {node.name}"
            )
        if isinstance(node, ast.ClassDef):
            assert node.end_lineno is not None and node.end_lineno - node.lineno < 150, (
                f"{path}:{node.lineno} {node.name}"
            )


def test_every_registered_kind_and_connection_exists() -> None:
    from pipeforge import adapters
    from pipeforge.adapter import Kind

    for name, kind in adapters.kinds().items():
        assert isinstance(kind, Kind)
        assert kind.name == name
        assert kind.connection is adapters.connection_model(kind.vendor)
        assert kind.doc.strip()


def test_the_public_face_is_what_it_says() -> None:
    import pipeforge

    assert set(pipeforge.__all__) == {
        "Adapter", "AdapterError", "Guarantee", "InDoubt", "InvalidPipeline", "Kind", "Observation",
        "Outcome", "PipeforgeError", "Rejected", "Transient", "UsageError", "__version__",
    }  # fmt: skip
    for name in pipeforge.__all__:
        assert getattr(pipeforge, name) is not None
    with pytest.raises(AttributeError):
        pipeforge.nothing  # noqa: B018
