"""Open a target elsewhere by its address."""

from __future__ import annotations

from evals.errors import TargetError
from evals.over_http import HttpTarget, OpenAITarget, Prices
from evals.targets import Target


def open_elsewhere(address: str, model: str, key: str, timeout_s: float, price: str) -> Target:
    """`http(s)://…` is a server that speaks our API, `openai:http(s)://…` any OpenAI-compatible endpoint.

    Raises TargetError for anything else, or where an endpoint's model is not named.
    """
    if address.startswith(("http://", "https://")):
        return HttpTarget(address, key, timeout_s)
    kind, _, base = address.partition(":")
    if kind != "openai" or not base.startswith(("http://", "https://")):
        raise TargetError(f"No target {address}. Give `local`, http://HOST:PORT, or openai:http://HOST:PORT/v1.")
    if not model:
        raise TargetError("An OpenAI-compatible endpoint needs the name of a model: --model NAME.")
    return OpenAITarget(base, model, key, timeout_s, prices_from(price))


def prices_from(text: str) -> Prices | None:
    """`2.5,10` as prices of a million tokens read and written; None for an empty text."""
    if not text:
        return None
    read, _, written = text.partition(",")
    try:
        return Prices(float(read), float(written))
    except ValueError as error:
        raise TargetError(f"{text} are no prices. Write two numbers for a million tokens: --price 2.5,10.") from error
