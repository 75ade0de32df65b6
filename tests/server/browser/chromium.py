"""Which browser the tests use, and how it is started."""

from __future__ import annotations

import shutil

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 40_000
"""How long something may take to be seen; a machine with other work is slow."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """The machine's own browser; None where Playwright's is used. `install.sh` has seen to one of them."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
