"""Train the matcher that reads a question beside a rule word by word: `python -m evals.train_matcher`.

It learns from every question that a rule is known to answer, from those that people worded (`people/`), with the
rivals of their rules, and from the questions that rules leave open (`knowledge/corpus/open/`). No case is read, so that
what it makes of cases is what it makes of any question; that is what `evals.train_verifier`, to be run after it and a
new `hkva build`, weighs it by. Needs torch; it took 75 minutes on one processor of a busy machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from torch import nn

from assistant.matcher import GRAPH
from assistant.question import Question
from assistant.rule_index import RuleIndex, idf_of
from assistant.rule_terms import questions_of
from evals.matcher_net import MatcherNet, Texts, save
from evals.verifier_pairs import misses, near_duplicates, nearest, people, read_as_asked
from knowledge.build import passages_of_rule
from knowledge.e5_embedder import PASSAGE_PREFIX, QUERY_PREFIX, batches_by_length, open_session, run_whole
from knowledge.e5_folder import VOCABULARY, prepared_folder
from knowledge.e5_graph import PASSAGE_PLAN, build_graph
from knowledge.e5_tokenizer import read_tokenizer
from knowledge.e5_tokens import LAYERS, WEIGHTS, Reduction
from knowledge.e5_weights import find_weights, read_weights
from knowledge.embed import open_embedder
from knowledge.library import Library, open_library
from knowledge.rule import Language, Rule
from knowledge.settings import KnowledgeSettings
from knowledge.words import has_han

_EPOCHS, _BATCH, _RATE, _WARM = 2, 32, 1e-3, 0.06
_SORTED = 50
"""Batches within which pairs are put together by length."""
_RIVALS = 4
_LEFT_OUT = (0.08, 0.05)
"""Shares of the tokens of a question and of a statement that are not seen, another part each time."""
_RIGHT_WEIGHT = 1.5
_REPORTED = 200
_KEYS: tuple[tuple[str, Language], ...] = (("en", "en"), ("zh", "zh-Hans"))
States = dict[str, NDArray[np.float16]]
Asks = tuple[list[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Read:
    """A rule, and the nearest of its questions to the one asked, itself left out."""

    rule: int
    ask: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A question with the rule it is put beside first, whether that answers it, and other rules that do not."""

    question: str
    first: Read
    answers: bool
    rivals: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One question beside one rule."""

    question: str
    statement: str
    ask: str
    answers: bool


def main() -> None:
    """Train on the built library; writes `knowledge/e5_tokens.npz` and `assistant/matcher.onnx`."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings))
    seen = list(seen_in(library))
    statements = {
        language: [f"{rule.title[key]}. {rule.statement[key]}" for rule in library.rules.values()]
        for language, key in _KEYS
    }
    asked = states_of(settings, [one.question for one in seen], QUERY_PREFIX)
    asks = [read.ask for one in seen for read in (one.first, *one.rivals)]
    held = states_of(settings, [*statements["en"], *statements["zh"], *asks], PASSAGE_PREFIX)
    net = trained(seen, statements, asked, held)
    save(net, WEIGHTS, GRAPH)
    Console().print(f"{WEIGHTS.name}, {GRAPH.name}: {len(seen)} questions. Now: hkva build, evals.train_verifier")


def seen_in(library: Library) -> Iterator[Seen]:
    """What the rules answer, and what they leave open."""
    index = RuleIndex(library, idf_of(library.rules.values()))
    likeness, held = index.likeness(), np.ones(len(index.rules), dtype=bool)
    known = [(rule.id, ask, True) for rule in index.rules for ask in dict.fromkeys(questions_of(rule))]
    others = [*((rule, text, True) for rule, text in people()), *((rule, text, False) for rule, text in misses())]
    known += [
        (rule, read_as_asked(index, Question(text)).text, answers)
        for rule, text, answers in others
        if rule in index.place
    ]
    asks = {
        language: [_asks_of(library, rule, language) for rule in track(index.rules, "questions")]
        for language, _ in _KEYS
    }
    for rule_id, question, answers in track(known, "rivals"):
        place, vector = index.place[rule_id], library.embedder.embed_query(question)
        same = near_duplicates(likeness, [place])
        near = [n for n in nearest(index.cosines(vector), held) if n not in same][:_RIVALS]
        own = asks["zh" if has_han(question) else "en"]
        first, *rivals = (Read(n, _nearest_ask(own[n], question, vector)) for n in (place, *near))
        yield Seen(question, first, answers, tuple(rivals))


def _asks_of(library: Library, rule: Rule, language: str) -> Asks:
    """A rule's questions in a language with their vectors; its statement where it has none."""
    passages = [passage for passage, _ in passages_of_rule(rule) if passage.language == language]
    chosen = passages[1:] or passages
    return [passage.text for passage in chosen], library.vectors.get(language, [passage.id for passage in chosen])


def _nearest_ask(asks: Asks, question: str, vector: NDArray[np.float32]) -> str:
    """The nearest of a rule's questions to one asked, itself left out where there are others."""
    texts, vectors = asks
    cosines = vectors @ vector
    return texts[max(range(len(texts)), key=lambda n: (texts[n] != question, cosines[n]))]


def states_of(settings: KnowledgeSettings, texts: Sequence[str], prefix: str) -> States:
    """The states of each text's tokens, (tokens, states), by the exact graph."""
    weights = read_weights(find_weights())
    width = len(LAYERS) * weights.shape.hidden
    whole = Reduction(np.eye(width, dtype=np.float32), np.zeros(width, np.float32))
    session = open_session(build_graph(weights, PASSAGE_PLAN, whole).SerializeToString())
    tokenizer = read_tokenizer(prepared_folder(settings.models_dir) / VOCABULARY)
    unique = list(dict.fromkeys(texts))
    ids = [tokenizer.encode(prefix + text) for text in unique]
    found: States = {}
    for batch in track(list(batches_by_length(ids)), "states"):
        _, states = run_whole(session, [ids[row] for row in batch])
        for row, values in zip(batch, states, strict=True):
            found[unique[row]] = values[: len(ids[row])].astype(np.float16)
    return found


def trained(seen: Sequence[Seen], statements: dict[str, list[str]], asked: States, held: States) -> MatcherNet:
    """Fit; prints the loss as it goes."""
    torch.manual_seed(0)
    chance = random.Random(3)
    net = MatcherNet(*_spread([*list(asked.values())[::7], *held.values()]))
    optimizer = torch.optim.AdamW(net.parameters(), _RATE, weight_decay=0.05)
    loss_of = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(_RIGHT_WEIGHT))
    schedule = [batch for _ in range(_EPOCHS) for batch in _batches(seen, statements, asked, held, chance)]
    mean = 0.0
    for step, batch in enumerate(schedule):
        done = step / len(schedule)
        optimizer.param_groups[0]["lr"] = _RATE * min(1.0, done / _WARM) * (1.0 - done)
        questions = _stack([asked[one.question] for one in batch], _LEFT_OUT[0])
        stated, known = (_stack([held[text] for text in texts], _LEFT_OUT[1]) for texts in _sides(batch))
        scores = net.learn(questions, stated, known)
        loss = loss_of(scores, torch.tensor([float(one.answers) for one in batch]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        mean = 0.98 * mean + 0.02 * float(loss) if step else float(loss)
        if step % _REPORTED == 0:
            Console().print(f"{step} of {len(schedule)}, loss {mean:.3f}")
    return net


def _sides(batch: Sequence[Pair]) -> tuple[list[str], list[str]]:
    return [one.statement for one in batch], [one.ask for one in batch]


def _batches(
    seen: Sequence[Seen], statements: dict[str, list[str]], asked: States, held: States, chance: random.Random
) -> list[list[Pair]]:
    """The pairs of one epoch in batches of like length; two rivals to a right answer, one to a question left open."""
    pairs: list[Pair] = []
    for one in seen:
        texts = statements["zh" if has_han(one.question) else "en"]
        pairs.append(Pair(one.question, texts[one.first.rule], one.first.ask, one.answers))
        rivals = chance.sample(one.rivals, min(1 + one.answers, len(one.rivals)))
        pairs += [Pair(one.question, texts[rival.rule], rival.ask, False) for rival in rivals]
    chance.shuffle(pairs)
    batches: list[list[Pair]] = []
    for begin in range(0, len(pairs), _BATCH * _SORTED):
        block = sorted(
            pairs[begin : begin + _BATCH * _SORTED], key=lambda one: len(asked[one.question]) + len(held[one.statement])
        )
        cut = [block[n : n + _BATCH] for n in range(0, len(block), _BATCH)]
        chance.shuffle(cut)
        batches += cut
    return batches


def _stack(rows: Sequence[NDArray[np.float16]], left_out: float) -> Texts:
    longest = max(map(len, rows))
    values, mask = torch.zeros(len(rows), longest, rows[0].shape[1]), torch.zeros(len(rows), longest, dtype=torch.bool)
    for n, row in enumerate(rows):
        values[n, : len(row)] = torch.from_numpy(row.astype(np.float32))
        mask[n, : len(row)] = torch.rand(len(row)) >= left_out
        mask[n, :3] = True
    return Texts(values, mask)


def _spread(rows: Sequence[NDArray[np.float16]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of the states."""
    joined = np.concatenate(rows).astype(np.float32)
    return torch.tensor(joined.mean(0)), torch.tensor(joined.std(0) + 1e-3)


if __name__ == "__main__":
    main()
