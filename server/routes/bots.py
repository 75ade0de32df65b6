"""Where chat platforms deliver messages. Each bot checks its platform's signature itself."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.routing import Route

from server.bots.opening import Bot


def add_bots(app: FastAPI, bots: Sequence[Bot]) -> None:
    """One address for each bot."""
    app.router.routes.extend(Route(bot.path, bot.handle, methods=["POST"]) for bot in bots)
