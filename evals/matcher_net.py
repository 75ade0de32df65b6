"""The matcher as torch trains it, and its two files. What it computes is told in `assistant/matcher.py`."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

NUMBERS = 128
"""Numbers in a token's vector."""
_DROPPED = 0.2
_NOWHERE = -1e4


@dataclass(frozen=True, slots=True)
class Texts:
    """A batch of texts as token vectors or states (texts, longest, numbers), and where there are tokens."""

    values: Tensor
    mask: Tensor


class MatcherNet(nn.Module):
    """Decomposable attention over reduced token states (Parikh et al. 2016)."""

    mean: Tensor
    spread: Tensor

    def __init__(self, mean: Tensor, spread: Tensor) -> None:
        """`mean` and `spread` of the token states, (states,): those of e5 share most of their length."""
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread)
        self.reduce = nn.Linear(len(mean), NUMBERS)
        self.sought, self.offered = nn.Linear(NUMBERS, NUMBERS), nn.Linear(NUMBERS, NUMBERS)
        self.with_statement, self.with_ask = _readings(), _readings()
        self.decide = nn.Sequential(
            nn.Linear(8 * NUMBERS, NUMBERS), nn.ReLU(), nn.Dropout(_DROPPED), nn.Linear(NUMBERS, 1)
        )
        self.drop = nn.Dropout(_DROPPED)

    def reduced(self, states: Tensor) -> Tensor:
        """Token vectors (..., NUMBERS) of token states (..., states)."""
        reduced: Tensor = self.reduce((states - self.mean) / self.spread)
        return reduced

    def learn(self, questions: Texts, statements: Texts, asks: Texts) -> Tensor:
        """Scores of a batch of pairs, given as states."""
        question, statement, ask = (
            Texts(self.drop(self.reduced(one.values)), one.mask) for one in (questions, statements, asks)
        )
        return self._scores(question, statement, ask)

    def forward(self, question: Tensor, statements: Tensor, mask: Tensor, asks: Tensor, asks_mask: Tensor) -> Tensor:
        """Scores (rules,) of one question (1, tokens, NUMBERS) with rules, all given as token vectors.

        Those of rules are given as they are kept, in two bytes a number.
        """
        asked = Texts(question, torch.ones_like(question[..., 0]).bool())
        return self._scores(asked, Texts(statements.float(), mask), Texts(asks.float(), asks_mask))

    def _scores(self, question: Texts, statement: Texts, ask: Texts) -> Tensor:
        read = [*self._read(self.with_statement, question, statement), *self._read(self.with_ask, question, ask)]
        scores: Tensor = self.decide(torch.cat(read, -1)).squeeze(-1)
        return scores

    def _read(self, readings: nn.ModuleList, question: Texts, other: Texts) -> list[Tensor]:
        """What each has for the other. A record is the longer: what can be reckoned on the question's side is."""
        asked, held = question.values, other.values
        sought = self.sought(asked) / math.sqrt(NUMBERS)
        alike = sought @ self.offered.weight @ held.transpose(1, 2) + (sought @ self.offered.bias)[..., None]
        found = torch.softmax(alike.masked_fill(~other.mask[:, None, :], _NOWHERE), -1) @ held
        back = torch.softmax(alike.masked_fill(~question.mask[:, :, None], _NOWHERE), 1).transpose(1, 2)
        of_question, of_other = (cast(_Reading, one) for one in readings)
        return [
            *of_question(question, found, of_question.found(found)),
            *of_other(other, back @ asked, back @ of_other.found(asked)),
        ]


class _Reading(nn.Module):
    """Compares the tokens of a text with what was found for them, and weighs the comparisons up."""

    def __init__(self) -> None:
        super().__init__()
        self.own = nn.Linear(NUMBERS, NUMBERS)
        self.found, self.both = (nn.Linear(NUMBERS, NUMBERS, bias=False) for _ in range(2))
        self.compare = nn.Sequential(nn.ReLU(), nn.Dropout(_DROPPED), nn.Linear(NUMBERS, NUMBERS), nn.ReLU())
        self.weigh = nn.Linear(NUMBERS, 1)

    def forward(self, text: Texts, found: Tensor, mapped: Tensor) -> tuple[Tensor, Tensor]:
        """The weighed mean and the greatest of the comparisons, (texts, NUMBERS) each; `mapped` is `found` of found."""
        own = text.values
        compared = self.compare(self.own(own) + mapped + self.both(own * found))
        share = torch.softmax(self.weigh(compared).squeeze(-1).masked_fill(~text.mask, _NOWHERE), -1)
        greatest = compared.masked_fill(~text.mask[..., None], _NOWHERE).amax(1)
        return (share[..., None] * compared).sum(1), greatest


def _readings() -> nn.ModuleList:
    """Of the question beside another text, and of that beside the question."""
    return nn.ModuleList([_Reading(), _Reading()])


def save(net: MatcherNet, reduction: Path, graph: Path) -> None:
    """Write the reduction of token states, and what reads the reduced, as an ONNX graph."""
    net.eval()
    weight = (net.reduce.weight / net.spread).T.detach().numpy()
    bias = net.reduce.bias.detach().numpy() - net.mean.numpy() @ weight
    np.savez_compressed(reduction, weight=weight.astype(np.float16), bias=bias.astype(np.float32))
    statements, asks = torch.zeros(3, 5, NUMBERS).half(), torch.zeros(3, 6, NUMBERS).half()
    example = (torch.zeros(1, 4, NUMBERS), statements, statements[..., 0] == 0, asks, asks[..., 0] == 0)
    stated, asked = {0: "rules", 1: "stated"}, {0: "rules", 1: "asked"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter needs another package
        torch.onnx.export(
            net, example, str(graph), dynamo=False, opset_version=17, output_names=["scores"],
            input_names=["question", "statements", "mask", "asks", "asks_mask"],
            dynamic_axes={
                "question": {1: "words"}, "statements": stated, "mask": stated, "asks": asked, "asks_mask": asked,
            },
        )  # fmt: skip
