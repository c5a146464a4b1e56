# Sourced by the other commands: goes to the project root and finds a Python for the set-up.
# shellcheck shell=bash
# Paths given by the caller are the caller's, so they are made absolute before we move.
case "${EXITUS_DATA_DIR:-/}" in /* | "~"*) ;; *) export EXITUS_DATA_DIR="$PWD/$EXITUS_DATA_DIR" ;; esac
case "${EXITUS_SHARED:-/}" in /*) ;; *) export EXITUS_SHARED="$PWD/$EXITUS_SHARED" ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Bytecode is worth seconds at every start; caches lie in ignored folders.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH

exitus_python() {
  local candidate
  for candidate in .venv/bin/python "${PYTHON:-}" python3 python3.11 python3.12 python3.13 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  echo "Exitus needs Python 3.11 or newer, and found none (set PYTHON=/path/to/python)." >&2
  return 1
}
