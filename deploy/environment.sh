#!/usr/bin/env bash
# Makes .venv from requirements.lock, once; says in one sentence what is missing when it can't.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh="$(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)"
if [ -f .venv/.ready ] && [ "$(cat .venv/.ready)" = "$fresh" ] && .venv/bin/python -c 'import bedside' 2>/dev/null; then
  exit 0
fi

is_310() { [ -x "$1" ] && [ "$("$1" -c 'import sys; print(sys.version_info[:2] == (3, 10))' 2>/dev/null)" = "True" ]; }

find_python() {
  local candidate
  for candidate in "${PYTHON310:-}" "$(command -v python3.10 || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python; do
    if [ -n "$candidate" ] && is_310 "$candidate"; then echo "$candidate"; return; fi
  done
  if command -v uv >/dev/null; then
    candidate="$(uv python find 3.10 2>/dev/null || true)"
    if [ -n "$candidate" ] && is_310 "$candidate"; then echo "$candidate"; return; fi
    if uv python install 3.10 >/dev/null 2>&1; then
      candidate="$(uv python find 3.10 2>/dev/null || true)"
      if [ -n "$candidate" ] && is_310 "$candidate"; then echo "$candidate"; return; fi
    fi
  fi
  return 1
}

if ! python="$(find_python)"; then
  echo "Bedside needs Python 3.10 (the newest that Rasa runs on): install it, for example with 'pyenv install 3.10', or name one with PYTHON310=/path/to/python3.10." >&2
  exit 1
fi

if [ -d .venv ]; then
  echo "The environment in .venv is out of date or was left half built; building it again."
  rm -rf .venv
fi
echo "Building the environment in .venv (a minute or two)"
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip sync --quiet --require-hashes requirements.lock
VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
echo "$fresh" > .venv/.ready
