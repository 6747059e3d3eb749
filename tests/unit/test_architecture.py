"""The layout tells the truth: no sentence in Python, no patient data past the gate, nobody imports upward."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PATIENT_TABLES = {
    "Statement",
    "Charge",
    "Payment",
    "Contact",
    "Coverage",
    "Appointment",
    "Result",
    "Prescription",
    "Claim",
}
CODE = [*Path("bedside").rglob("*.py"), *Path("actions").rglob("*.py")]


def test_only_the_chart_and_the_loader_read_a_patients_tables(root: Path) -> None:
    for path in CODE:
        if path.parts[:2] == ("bedside", "records"):
            continue
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "bedside.records.tables"
            for alias in node.names
        }
        assert not imported & PATIENT_TABLES, f"{path} reads {imported & PATIENT_TABLES} past the chart"


@pytest.mark.parametrize("path", [p for p in CODE if p.parts[0] == "actions"], ids=str)
def test_no_action_holds_a_sentence(path: Path, root: Path) -> None:
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    said = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("say", "utter_message")
    ]
    for call in said:
        for value in [*call.args, *(k.value for k in call.keywords)]:
            for part in ast.walk(value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in docstrings:
                    assert not re.search(r"\w+ \w+", part.value), f"{path}:{part.lineno} says «{part.value}» itself"


def test_safety_and_care_load_without_tensorflow(root: Path) -> None:
    import subprocess
    import sys

    script = (
        "import sys, bedside.care.billing, bedside.care.identity, bedside.safety.screen, bedside.safety.redaction;"
        "bedside.safety.screen.load_screen().decide('hello');"
        "bad = [m for m in ('tensorflow', 'rasa', 'torch') if sys.modules.get(m)]; sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_locks_name_no_index_and_agree(root: Path) -> None:
    pins = {}
    for name in ("requirements.lock", "requirements-services.lock", "requirements-uv.lock"):
        text = (root / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|--index|--find-links", text)
        assert "torch==" not in text.replace("pytorch", "")
        assert "sentence-transformers" not in text
        for package, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE):
            assert pins.setdefault(package, version) == version, f"{package} differs in {name}"
    services = (root / "requirements-services.lock").read_text(encoding="utf-8")
    assert not re.search(r"^(rasa|tensorflow|spacy)==", services, re.MULTILINE)
