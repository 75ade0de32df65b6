"""Our retriever in someone else's LangChain chain.

Run `hkva build` once, then: python examples/retriever_in_a_chain.py "Who may issue stablecoins in Hong Kong?"
With HKVA_MODEL=provider:name set, a chat model answers from what was found; without, the records are shown.
"""

from __future__ import annotations

import sys
from datetime import date

from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnablePassthrough

from assistant.chat_model import open_chat_model
from assistant.model_settings import ModelSettings
from assistant.retriever import PolicyRetriever
from assistant.settings import EXTRACTIVE, AssistantSettings
from knowledge.embed import open_embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings


def as_text(documents: list[Document]) -> str:
    """The records as numbered lines."""
    return "\n".join(
        f"[{number}] ({one.metadata['authority']}, {one.metadata['standing']}) {one.page_content}"
        for number, one in enumerate(documents, 1)
    )


def main(question: str) -> None:
    """Retrieve, and answer where a model is set."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings), settings.chroma)
    retriever = PolicyRetriever(library=library, as_of=date.today(), limit=5)
    chain: Runnable[str, str] = retriever | as_text
    name = AssistantSettings().model
    if name != EXTRACTIVE:
        prompt = ChatPromptTemplate.from_template(
            "Answer from these records only, with their numbers.\n\n{records}\n\nQuestion: {question}"
        )
        model = open_chat_model(name, ModelSettings()).model
        chain = {"records": chain, "question": RunnablePassthrough()} | prompt | model | StrOutputParser()
    sys.stdout.write(chain.invoke(question) + "\n")
    library.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "Who may issue stablecoins in Hong Kong?")
