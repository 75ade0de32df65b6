from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from knowledge.embed import Embedder, SentenceEmbedder, open_embedder, prepare_embedder
from knowledge.errors import EmbedderError
from knowledge.settings import KnowledgeSettings

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", "passage", ":", "rule", "platform", "licence", "coin"]

UNREACHABLE = """
import sys
from knowledge.embed import open_embedder
from knowledge.errors import EmbedderError
from knowledge.settings import KnowledgeSettings
try:
    open_embedder(KnowledgeSettings(embedder="BAAI/bge-m3"))
except EmbedderError as error:
    sys.stdout.write(str(error))
"""


def make_model(folder: Path, seed: int) -> Path:
    """A sentence-transformers model of a few thousand random weights, with prompts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
        from transformers import BertConfig, BertModel, BertTokenizer

        torch.manual_seed(seed)
        bert = folder / "bert"
        bert.mkdir(parents=True)
        (bert / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
        BertTokenizer(str(bert / "vocab.txt")).save_pretrained(bert)
        config = BertConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
        )
        BertModel(config).save_pretrained(bert)
        transformer = Transformer(str(bert))
        model = SentenceTransformer(
            modules=[transformer, Pooling(16)], prompts={"query": "query: ", "passage": "passage: "}
        )
        model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("first"), seed=1)


@pytest.fixture(scope="module")
def sentence_embedder(model: Path) -> Embedder:
    settings = KnowledgeSettings(embedder=str(model))
    prepare_embedder(settings)
    return open_embedder(settings)


def test_a_folder_with_a_model_gives_unit_vectors_of_its_dimension(sentence_embedder: Embedder) -> None:
    vectors = sentence_embedder.embed_passages(["rule", "platform licence", ""])

    assert vectors.shape == (3, sentence_embedder.dimension) == (3, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(sentence_embedder.embed_query("coin")), 1, atol=1e-6)


def test_the_models_own_prompts_tell_questions_from_passages(sentence_embedder: Embedder, model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    raw = SentenceTransformer(str(model))
    for prompt, vector in (
        ("query: ", sentence_embedder.embed_query("licence")),
        ("passage: ", sentence_embedder.embed_passages(["licence"])[0]),
    ):
        true = raw.encode([prompt + "licence"], normalize_embeddings=True)[0]
        np.testing.assert_allclose(vector, true, atol=1e-6)


def test_passages_keep_their_order_and_tell_progress(sentence_embedder: Embedder) -> None:
    texts = [" ".join(WORDS[5 + n % 7 : 7 + n % 5]) for n in range(600)]
    told: list[int] = []
    vectors = sentence_embedder.embed_passages(texts, told.append)

    assert sum(told) == 600
    assert len(told) > 1
    np.testing.assert_allclose(vectors[599], sentence_embedder.embed_passages([texts[599]])[0], atol=1e-5)
    assert sentence_embedder.embed_passages([]).shape == (0, 16)


def test_other_weights_under_the_same_name_are_another_embedder(sentence_embedder: Embedder, tmp_path: Path) -> None:
    other = SentenceEmbedder(str(make_model(tmp_path, seed=2)))

    assert sentence_embedder.name.startswith("model@")
    assert other.name.startswith("model@")
    assert other.name != sentence_embedder.name


def test_a_question_is_remembered_and_cannot_be_changed(sentence_embedder: Embedder) -> None:
    vector = sentence_embedder.embed_query("rule")

    assert sentence_embedder.embed_query("rule") is vector
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1


def test_an_unreachable_hub_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    nowhere = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", UNREACHABLE],
        cwd=ROOT,
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert "'BAAI/bge-m3' cannot be loaded" in done.stdout
    assert "HF_ENDPOINT" in done.stdout
    assert "HKVA_EMBEDDER" in done.stdout


@pytest.mark.parametrize("name", ["no such folder/and/no name", ""])
def test_a_name_that_cannot_be_one_is_an_error_that_says_what_to_do(name: str) -> None:
    with pytest.raises(EmbedderError, match="HKVA_EMBEDDER"):
        SentenceEmbedder(name)


def test_a_folder_without_a_model_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        SentenceEmbedder(str(tmp_path))
