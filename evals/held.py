"""What the cited records really say, so that a quote can be checked word for word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from evals.reply import Held

if TYPE_CHECKING:
    from knowledge.library import Library


def held_in(library: Library) -> Held:
    """Looks records up in an open library. A record that it does not hold says nothing: an empty text."""

    def held(record: str, language: str, start: int, end: int) -> str:
        rule = library.rules.get(record)
        if rule is not None:
            return next((text[start:end] for key, text in rule.statement.items() if key == language), "")
        source = library.sources.get(record)
        return source.text[start:end] if source is not None else ""

    return held


class HeldOverHttp:
    """Looks records up in a server's register, each once."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._texts: dict[str, Mapping[str, str] | str | None] = {}

    async def look_up(self, records: Iterable[str]) -> None:
        """Fetch the records that are not known yet."""
        for record in set(records) - self._texts.keys():
            self._texts[record] = await self._fetch(record)

    def held(self, record: str, language: str, start: int, end: int) -> str | None:
        """What a record that was looked up says there; None where the server would not say."""
        text = self._texts[record]
        if text is None:
            return None
        return (text if isinstance(text, str) else text.get(language, ""))[start:end]

    async def _fetch(self, record: str) -> Mapping[str, str] | str | None:
        found = await self._get(f"/v1/rules/{quote(record, safe='')}")
        if isinstance(found, dict):
            statement: Mapping[str, str] = found["statement"]
            return statement
        source = await self._get(f"/v1/sources/{quote(record)}")
        if isinstance(source, dict):
            return str(source["text"])
        return "" if found == source == 404 else None

    async def _get(self, path: str) -> dict[str, Any] | int:
        """The JSON there, or the status where there is none."""
        response = await self._client.get(path)
        body: dict[str, Any] | int = response.json() if response.is_success else response.status_code
        return body
