"""One other hybrid retriever as its makers ship it, run by an interpreter that has it: `peer_script.py NAME FOLDER`.

It stands alone: it imports numpy and the peer, nothing of ours. The folder holds `corpus.json` and `queries.json`
(lists of [id, text]) with their vectors, `corpus.npy` and `queries.npy`. Printed is what was found and how long each
search took, the question's vector being given; or which module is missing.
"""

# The peers are not installed where types are checked.
# mypy: ignore-errors

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Search = Callable[[str], list[str]]
Texts = list[list[str]]
LIMIT = 10


def langchain(corpus: Texts, vectors: dict[str, Any]) -> Search:
    """EnsembleRetriever over BM25Retriever and Chroma, halves weighed equally."""
    from langchain_chroma import Chroma
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

    class Given(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [vectors[text].tolist() for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return list(vectors[text].tolist())

    documents = [Document(text, metadata={"id": one}) for one, text in corpus]
    words = BM25Retriever.from_documents(documents, k=LIMIT)
    store = Chroma("peers", Given(), collection_metadata={"hnsw:space": "cosine"})
    for start in range(0, len(documents), 1_000):
        store.add_documents(documents[start : start + 1_000])
    both = EnsembleRetriever(
        retrievers=[words, store.as_retriever(search_kwargs={"k": LIMIT})], weights=[0.5, 0.5], id_key="id"
    )
    return lambda text: [str(found.metadata["id"]) for found in both.invoke(text)]


def llamaindex(corpus: Texts, vectors: dict[str, Any]) -> Search:
    """QueryFusionRetriever over BM25Retriever and a VectorStoreIndex, reciprocal ranks, the query alone."""
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    class Given(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return list(vectors[text].tolist())

        def _get_query_embedding(self, query: str) -> list[float]:
            return list(vectors[query].tolist())

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    nodes = [TextNode(id_=one, text=text, embedding=vectors[text].tolist()) for one, text in corpus]
    index = VectorStoreIndex(nodes, embed_model=Given())
    both = QueryFusionRetriever(
        [BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=LIMIT), index.as_retriever(similarity_top_k=LIMIT)],
        llm=MockLLM(),
        similarity_top_k=LIMIT,
        num_queries=1,
        mode="reciprocal_rerank",
        use_async=False,
    )
    return lambda text: [str(found.node.node_id) for found in both.retrieve(text)]


def haystack(corpus: Texts, vectors: dict[str, Any]) -> Search:
    """The in-memory store's BM25 and embedding retrievers, joined by DocumentJoiner with reciprocal ranks."""
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents([Document(id=one, content=text, embedding=vectors[text].tolist()) for one, text in corpus])
    words, near = InMemoryBM25Retriever(store, top_k=LIMIT), InMemoryEmbeddingRetriever(store, top_k=LIMIT)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=LIMIT)

    def search(text: str) -> list[str]:
        lists = [words.run(query=text), near.run(query_embedding=vectors[text].tolist())]
        joined = joiner.run(documents=[one["documents"] for one in lists])
        return [str(found.id) for found in joined["documents"]]

    return search


def txtai(corpus: Texts, vectors: dict[str, Any]) -> Search:
    """Embeddings with `hybrid`, on vectors from outside."""
    from txtai import Embeddings

    def transform(texts: list[str]) -> Any:
        return np.array([vectors[text] for text in texts], np.float32)

    both = Embeddings(method="external", transform=transform, hybrid=True)
    both.index([(one, text, None) for one, text in corpus])
    return lambda text: [str(one) for one, _ in both.search(text, LIMIT)]


PEERS = {"langchain": langchain, "llamaindex": llamaindex, "haystack": haystack, "txtai": txtai}


def run(name: str, folder: Path) -> dict[str, object]:
    """Make the peer's index, then search every query once."""
    texts = {kind: json.loads((folder / f"{kind}.json").read_text(encoding="utf-8")) for kind in ("corpus", "queries")}
    rows = {kind: np.load(folder / f"{kind}.npy") for kind in texts}
    vectors = {text: row for kind in texts for (_, text), row in zip(texts[kind], rows[kind], strict=True)}
    begun = time.perf_counter()
    try:
        search = PEERS[name](texts["corpus"], vectors)
    except ImportError as error:
        return {"missing": error.name or str(error)}
    build_s = time.perf_counter() - begun
    search(texts["queries"][0][1])
    found, took = {}, []
    for query_id, text in texts["queries"]:
        begun = time.perf_counter()
        found[query_id] = search(text)[:LIMIT]
        took.append((time.perf_counter() - begun) * 1e3)
    return {"found": found, "milliseconds": took, "build_s": build_s}


if __name__ == "__main__":
    told = json.dumps(run(sys.argv[1], Path(sys.argv[2])))
    sys.stdout.write("\n" + told + "\n")
