"""``python -m apps.engine``: the engine from the command line."""

import gc

from apps.engine.cli import main

if __name__ == "__main__":
    # A short-lived process full of live objects: collecting would only walk them again and again.
    gc.disable()
    raise SystemExit(main())
