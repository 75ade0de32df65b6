"""Our tools in someone else's LangChain agent.

Run `hkva build` once, then: HKVA_MODEL=openai:gpt-5-mini python examples/agent_with_tools.py "What replaced …?"
Without HKVA_MODEL the tools are called once by hand, to show what an agent gets.
"""

from __future__ import annotations

import json
import sys

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage

from assistant.chat_model import open_chat_model
from assistant.model_settings import ModelSettings
from assistant.settings import EXTRACTIVE, AssistantSettings
from assistant.tools import policy_tools
from knowledge.embed import open_embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings

PROMPT = (
    "You answer questions on Hong Kong's virtual-asset policy with the tools. Name the id of every rule you rely on."
)


def main(question: str) -> None:
    """Let an agent answer, or call the tools by hand."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings), settings.chroma)
    tools = policy_tools(library)
    name = AssistantSettings().model
    if name == EXTRACTIVE:
        search, _, history = tools
        found = json.loads(search.invoke({"query": question, "limit": 3}))
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        rules = [one["id"] for one in found["records"] if one["kind"] == "rule"]
        sys.stdout.write(history.invoke({"rule_id": rules[0]}) + "\n" if rules else "")
    else:
        agent = create_agent(open_chat_model(name, ModelSettings()).model, tools, system_prompt=PROMPT)
        state = agent.invoke({"messages": [HumanMessage(question)]})
        sys.stdout.write(str(state["messages"][-1].text) + "\n")
    library.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "How must platforms keep clients' assets?")
