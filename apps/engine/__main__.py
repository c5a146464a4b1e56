"""``python -m apps.engine``: the engine from the command line."""

from apps.engine.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
