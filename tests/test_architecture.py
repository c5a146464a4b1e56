"""The walls of the house that the import contracts cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, OneToOneField

ROOT = Path(__file__).resolve().parent.parent
APPS = ROOT / "apps"
LONGEST_MODULE = 400
LONGEST_VIEW = 25

# From the ground up; siblings share a step. The same order as the import contracts.
LAYERS = [
    {"engine"},
    {"common"},
    {"accounts"},
    {"assets", "brokers"},
    {"market_data", "corporate_events"},
    {"ledger"},
    {"portfolios"},
    {"taxes"},
    {"imports", "performance"},
    {"dashboard", "api"},
]
HEIGHT = {app: height for height, layer in enumerate(LAYERS) for app in layer}

# An app's standard files; folders of the same names are packages. Anything else must earn its name
# here, so that a new app stays a copy of the shape of the old ones.
STANDARD = {
    "__init__",
    "admin",
    "api",
    "apps",
    "forms",
    "models",
    "receivers",
    "selectors",
    "services",
    "signals",
    "site_urls",
    "tasks",
    "urls",
    "views",
}


def modules(pattern: str = "**/*.py") -> list[Path]:
    """Product modules of the apps: no tests, no migrations."""
    return [
        path
        for path in sorted(APPS.glob(pattern))
        if not {"tests", "migrations", "__pycache__"} & set(path.relative_to(APPS).parts)
    ]


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_app_stands_on_a_step() -> None:
    found = {path.name for path in APPS.iterdir() if (path / "__init__.py").exists()}
    assert found == set(HEIGHT)


def test_foreign_keys_point_down() -> None:
    """String references dodge the import contracts; the tables must not."""
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("apps."):
            continue
        below = HEIGHT[model._meta.app_label]
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey | OneToOneField | ManyToManyField):
                continue
            target = field.related_model._meta  # type: ignore[union-attr]
            up = HEIGHT.get(target.app_label, -1)
            sibling = up == below and target.app_label != model._meta.app_label
            if up > below or sibling:
                wrong.append(f"{model._meta.label}.{field.name} -> {target.label}")
    assert wrong == []


def test_engine_stays_pure_in_a_fresh_interpreter() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules("engine/**/*.py")
        if path.name != "__main__.py"
    ]
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "banned = {'django', 'celery', 'rest_framework', 'redis', 'psycopg', 'pandas'}\n"
        "print(sorted(banned & {name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def delivery_modules() -> list[Path]:
    return [path for folder in ("exitus", "bin") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", [*modules(), *delivery_modules()], ids=label)
def test_module_is_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE, f"{lines} lines: make it a package of the same name"


def view_modules() -> list[Path]:
    return [*modules("*/views.py"), *modules("*/views/*.py")]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", view_modules(), ids=label)
def test_views_only_fetch_call_and_render(path: Path) -> None:
    wrong = []
    arithmetic = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
            wrong.append(f"line {node.lineno}: .{node.attr}; ask a selector or a service")
        if isinstance(node, ast.BinOp) and isinstance(node.op, arithmetic):
            wrong.append(f"line {node.lineno}: arithmetic; compute below the views")
    assert wrong == []


@pytest.mark.parametrize("path", view_modules(), ids=label)
def test_views_are_small(path: Path) -> None:
    wrong = []
    for node in functions(path):
        first = node.body[0]
        documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        start = (first.end_lineno or first.lineno) + 1 if documented else first.lineno
        length = (node.end_lineno or start) - start + 1
        if length > LONGEST_VIEW:
            wrong.append(f"{node.name}: {length} lines")
    assert wrong == []


def service_modules() -> list[Path]:
    return [*modules("*/services.py"), *modules("*/services/*.py")]


@pytest.mark.parametrize("path", service_modules(), ids=label)
def test_services_are_keyword_only(path: Path) -> None:
    """A write of record takes keywords only: its call site must say what it passes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            positional = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args)}
            if positional & {"access", "actor"}:
                wrong.append(node.name)
    assert wrong == []


@pytest.mark.parametrize("path", service_modules(), ids=label)
def test_services_know_no_request_and_no_form(path: Path) -> None:
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name for alias in node.names}
            if node.module == "django.http" or "HttpRequest" in names:
                wrong.append(f"line {node.lineno}: {node.module}")
            if node.module.startswith("django.forms") or node.module.endswith(".forms"):
                wrong.append(f"line {node.lineno}: {node.module}")
    assert wrong == []


def test_tables_of_record_have_history() -> None:
    """The ledger and everything it rests on is audited by triggers."""
    for name in ("accounts.Workspace", "accounts.Membership", "ledger.Transaction"):
        model = apps.get_model(name)
        assert getattr(model, "pgh_event_models", None) or hasattr(model, "pgh_event_model"), name


def test_task_modules_stay_thin() -> None:
    wrong = []
    for path in [*modules("*/tasks.py"), *modules("*/tasks/*.py")]:
        for node in functions(path):
            first = node.body[0]
            length = (node.end_lineno or 0) - (first.end_lineno or 0)
            if length > 12:
                wrong.append(f"{label(path)} {node.name}: {length} lines after its docstring")
    assert wrong == []
