"""Our search as a LangChain retriever, for other people's chains: documents with standing, authority and quote."""

from __future__ import annotations

from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from assistant.answer import Citation
from assistant.asked_language import read_asked_language
from assistant.citing import cite_passage, cite_rule
from knowledge.library import Library
from knowledge.passage import Hit, Scope
from knowledge.retrieval import search
from knowledge.rule import Language


class PolicyRetriever(BaseRetriever):
    """Finds records on Hong Kong's virtual-asset policy as it stood on a day.

    A document's text is the rule's statement, or the passage of a source, in the language of the query; its metadata
    are those of a citation (`id`, `title`, `authority`, `instrument`, `published`, `standing`, `superseded_by`, `url`,
    `official`, `start`, `end`), and `score`. With `current_only`, what no longer held on the day is left out.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    as_of: date | None = Field(default=None, description="The day whose policy is searched; today where empty.")
    limit: int = Field(default=6, ge=1, le=50, description="Most documents.")
    current_only: bool = Field(default=True, description="Leave out what no longer held on the day.")
    topics: frozenset[str] = frozenset()
    authorities: frozenset[str] = frozenset()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        on = self.as_of or date.today()
        scope = Scope(
            on=on, ended=False if self.current_only else None, topics=self.topics, authorities=self.authorities
        )
        language = read_asked_language(query)
        return [
            _document(_citation(self.library, hit, number, language, on), hit)
            for number, hit in enumerate(search(self.library, query, scope, self.limit), 1)
        ]


def _citation(library: Library, hit: Hit, number: int, language: Language, on: date) -> Citation:
    passage = hit.passage
    if passage.kind == "section":
        return cite_passage(number, passage, (passage.start, passage.end), language, library.sources[passage.record])
    rule = library.rules[passage.record]
    return cite_rule(number, rule, (0, len(rule.statement[language])), language, on, library.sources)


def _document(citation: Citation, hit: Hit) -> Document:
    metadata: dict[str, Any] = {
        "id": citation.id, "kind": citation.kind, "title": citation.title, "publisher": citation.publisher,
        "authority": citation.authority, "instrument": citation.instrument, "published": citation.published,
        "standing": citation.standing.value, "superseded_by": citation.superseded_by, "url": citation.url,
        "official": citation.official, "language": citation.language, "start": citation.start, "end": citation.end,
        "score": hit.score,
    }  # fmt: skip
    return Document(page_content=citation.quote, metadata=metadata)
