"""The only door to a Chroma server: what `vectors` asks of a store, asked over HTTP.

Not through the client that comes with Chroma: that one waits without end, tells some failures of the network as
`ValueError` and others as a bare `Exception`, and runs the embedding function that a collection on the server names.
Here everything that goes wrong is a LibraryError, and nothing that the server says is ever run.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
from numpy.typing import NDArray

from knowledge.chroma_server import ChromaServer, check_guarded, check_way, open_http
from knowledge.errors import LibraryBroken, LibraryError

AT_ONCE = 300
"""Passages in one request, and passages that one search can give: what Chroma Cloud allows."""
_STRANGE = "What answers at {} is no Chroma server. Check HKVA_CHROMA_URL."


class ChromaClient:
    """A connection to a server. Safe to share between threads."""

    def __init__(self, server: ChromaServer) -> None:
        check_way(server)
        self._server = server
        self._http = open_http(server, server.headers)
        self._collections = f"/tenants/{quote(server.tenant, '')}/databases/{quote(server.database, '')}/collections"
        try:
            self._look_at()
        except LibraryError:
            self.close()
            raise

    def _look_at(self) -> None:
        """Raises LibraryError where it is no server that we talk to."""
        try:
            check_guarded(self._server, self.call("GET", "/version"))
        except LibraryBroken as error:
            raise LibraryError(_STRANGE.format(self._server.url)) from error
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def check(self) -> None:
        """Raises LibraryError where the server does not answer."""
        self.call("GET", "/heartbeat")

    def get_max_batch_size(self) -> int:
        """How many passages go into one request."""
        return AT_ONCE

    def create_collection(self, name: str, configuration: dict[str, Any]) -> RemoteCollection:
        """A new collection for vectors that we bring."""
        made = self.call("POST", self._collections, {"name": name, "configuration": configuration})
        return RemoteCollection(self, f"{self._collections}/{made['id']}")

    def get_collection(self, name: str) -> RemoteCollection:
        """A collection that is there; raises LibraryBroken where it is not."""
        held = self.call("GET", f"{self._collections}/{name}")
        return RemoteCollection(self, f"{self._collections}/{held['id']}")

    def delete_collection(self, name: str) -> None:
        """Remove a collection; it may be gone already."""
        try:
            self.call("DELETE", f"{self._collections}/{name}")
        except LibraryBroken:
            return

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the server answers. Raises LibraryBroken where it has no such thing, else LibraryError."""
        try:
            response = self._http.request(method, f"/api/v2{path}", json=body)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        url, status = self._server.url, response.status_code
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise LibraryError(f"{url} does not let us in ({status}). Check HKVA_CHROMA_TOKEN.")
        if status == HTTPStatus.NOT_FOUND:
            raise LibraryBroken(
                f"The Chroma server at {url} does not have this ({response.text[:200]!r}). Check HKVA_CHROMA_TENANT and"
                " HKVA_CHROMA_DATABASE; where it lost the vectors, run: hkva build --force"
            )
        if not response.is_success:
            raise LibraryError(
                f"The Chroma server at {url} failed ({status}: {response.text[:200]!r}). Look at its log, try again."
            )
        try:
            return response.json()
        except ValueError as error:
            raise LibraryError(_STRANGE.format(url)) from error

    def _unreachable(self, error: httpx.HTTPError) -> LibraryError:
        return LibraryError(
            f"The Chroma server at {self._server.url} does not answer ({type(error).__name__}: {error})."
            " Check that it runs, and HKVA_CHROMA_URL, then try again."
        )


class RemoteCollection:
    """One collection on a server."""

    def __init__(self, client: ChromaClient, path: str) -> None:
        self._client = client
        self._path = path

    def count(self) -> int:
        """How many passages it holds."""
        return int(self._client.call("GET", f"{self._path}/count"))

    def add(self, ids: Sequence[str], embeddings: NDArray[np.float32], metadatas: Sequence[dict[str, Any]]) -> None:
        """Add passages, at most `AT_ONCE`."""
        body = {"ids": list(ids), "embeddings": embeddings.tolist(), "metadatas": list(metadatas)}
        self._client.call("POST", f"{self._path}/add", body)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove passages, at most `AT_ONCE`."""
        self._client.call("POST", f"{self._path}/delete", {"ids": list(ids)})

    def get(self, include: Sequence[str], ids: Sequence[str] | None = None) -> dict[str, Any]:
        """These passages, at most `AT_ONCE`, or all of them."""
        if ids is not None:
            return self._page({"ids": list(ids), "include": list(include)})
        pages: list[dict[str, Any]] = []
        while not pages or len(pages[-1]["ids"]) == AT_ONCE:
            pages.append(self._page({"limit": AT_ONCE, "offset": len(pages) * AT_ONCE, "include": list(include)}))
        ids = [one for page in pages for one in page["ids"]]
        rows = [row for page in pages for row in page["embeddings"]]
        return {"ids": ids, "embeddings": np.array(rows, dtype=np.float32)}

    def query(
        self,
        query_embeddings: NDArray[np.float32],
        n_results: int,
        where: dict[str, Any] | None,
        include: Sequence[str],
    ) -> dict[str, Any]:
        """The nearest passages of each query, at most `AT_ONCE`."""
        most = min(n_results, AT_ONCE)
        body = {"query_embeddings": query_embeddings.tolist(), "n_results": most, "where": where}
        return dict(self._client.call("POST", f"{self._path}/query", {**body, "include": list(include)}))

    def _page(self, body: dict[str, Any]) -> dict[str, Any]:
        found = self._client.call("POST", f"{self._path}/get", body)
        return {"ids": found["ids"], "embeddings": np.array(found["embeddings"], dtype=np.float32)}
