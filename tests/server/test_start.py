"""A server is ready soon: what most questions never need is loaded by the first that does."""

from __future__ import annotations

import subprocess
import sys

_HEAVY = frozenset(
    {"alembic", "docx", "mcp", "onnx", "pypdf", "pypinyin", "sentence_transformers", "torch", "trafilatura"}
)
_MAKES_THE_APPLICATION = """
import sys
import server.cli, server.main
from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.opening import make_service
from server.settings import ServerSettings

make_app(make_service(KnowledgeSettings(), AssistantSettings()), ServerSettings())
sys.stdout.write(" ".join(sys.modules))
"""


def test_the_application_is_made_without_what_few_requests_need() -> None:
    done = subprocess.run([sys.executable, "-c", _MAKES_THE_APPLICATION], capture_output=True, check=True, timeout=120)
    assert not _HEAVY & set(done.stdout.decode().split())
