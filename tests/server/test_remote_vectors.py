"""`hkva build` and `hkva serve` with the vectors on a Chroma server, which is away meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from knowledge.settings import KnowledgeSettings
from tests.fakes.chroma_process import running_chroma
from tests.server.processes import HKVA, serving

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "When was Project Ensemble launched?"


@pytest.mark.timeout(600)  # four processes one after another; a busy machine is slow
def test_server_says_that_the_vectors_are_away_and_answers_once_they_are_there(
    small_knowledge: KnowledgeSettings, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "models").symlink_to(small_knowledge.data_dir / "models", target_is_directory=True)
    shutil.copy(small_knowledge.data_dir / "vectors.sqlite", data)
    with running_chroma(tmp_path / "chroma") as chroma:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HKVA_")}
        environment = {
            **kept, "HKVA_DATA_DIR": str(data), "HKVA_CORPUS_DIR": str(small_knowledge.corpus_dir),
            "HKVA_CHROMA_URL": chroma.url, "HKVA_TODAY": "2026-11-23", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        subprocess.run([sys.executable, "-c", HKVA, "build"], env=environment, check=True, stdout=subprocess.DEVNULL)
        told = subprocess.run([sys.executable, "-c", HKVA, "doctor"], env=environment, capture_output=True, text=True)
        assert f"vectors at {chroma.url}" in " ".join(told.stdout.split())

        chroma.kill()
        with serving(environment) as (_, address), httpx.Client(base_url=address, timeout=60, verify=False) as client:
            _wait(client, 503)
            for reply in (client.get("/readyz"), client.post("/v1/chat", json={"question": QUESTION})):
                problem = reply.json()
                assert (reply.status_code, problem["code"]) == (503, "not_ready")
                assert f"Chroma server at {chroma.url} does not answer" in problem["detail"]
            assert client.get("/healthz").status_code == 200

            chroma.start()
            _wait(client, 200)
            answer = client.post("/v1/chat", json={"question": QUESTION}).raise_for_status().json()
            assert answer["outcome"] == "answered"

            chroma.kill()  # what was read is answered on
            assert client.get("/readyz").status_code == 200
            again = client.post("/v1/chat", json={"question": QUESTION}).raise_for_status().json()
            assert again["answer"] == answer["answer"]
            chroma.start()


def _wait(client: httpx.Client, status: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if client.get("/readyz").status_code == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"/readyz never answered {status}")
