"""`rasa test core --e2e`, once for its report and verdict; and what `rasa data validate` finds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bedside.build import model_path

pytestmark = pytest.mark.model


def _rasa(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "BEDSIDE_ACTIONS_URL": "http://127.0.0.1:1/webhook", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, "-m", "rasa", *arguments], cwd=root, env=environ, capture_output=True, text=True, timeout=400
    )


def test_every_story_is_predicted(root: Path, tmp_path: Path) -> None:
    done = _rasa(
        root,
        "test",
        "core",
        "--e2e",
        "--stories",
        "tests/stories",
        "--model",
        str(model_path()),
        "--out",
        str(tmp_path),
    )
    failed = tmp_path / "failed_test_stories.yml"
    report = failed.read_text(encoding="utf-8") if failed.exists() else done.stderr[-3000:]
    assert done.returncode == 0, report
    assert failed.exists(), report
    assert "stories" not in report or "None of the test stories failed" in report, report


def test_the_data_is_valid(root: Path) -> None:
    done = _rasa(root, "data", "validate", "--fail-on-warnings", "--domain", "domain.yml", "--data", "data")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
