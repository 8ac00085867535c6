"""What a process of its own must be told to have the same time as the tests, when those run as at another moment."""

import os

SAME_TIME = {name: os.environ[name] for name in ("LD_PRELOAD",) if name in os.environ}
"""Variables of its environment; none where the tests run now, see `make test-at`."""
