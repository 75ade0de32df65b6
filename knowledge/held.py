"""What is remembered of an ingested document's origin, to tell whether it has changed. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """One ingested document.

    `origin` is an absolute path, a URL, `<path>#<id>` for a row of a JSONL file, or `upload:<name>`. `digest` covers
    its bytes, its sidecar and the way we read documents. The rest is what its web server said of it.
    """

    source: str
    """Id of the source that was made of it."""
    origin: str
    digest: str
    etag: str | None = None
    last_modified: str | None = None
    final_url: str | None = None
