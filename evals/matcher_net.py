"""The matcher as torch trains it, and its two files. What it computes is told in `assistant/matcher.py`."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path

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
        self.compare_question, self.compare_statement = _compared(), _compared()
        self.weigh_question, self.weigh_statement = nn.Linear(NUMBERS, 1), nn.Linear(NUMBERS, 1)
        self.decide = nn.Sequential(
            nn.Linear(4 * NUMBERS, NUMBERS), nn.ReLU(), nn.Dropout(_DROPPED), nn.Linear(NUMBERS, 1)
        )
        self.drop = nn.Dropout(_DROPPED)

    def reduced(self, states: Tensor) -> Tensor:
        """Token vectors (..., NUMBERS) of token states (..., states)."""
        reduced: Tensor = self.reduce((states - self.mean) / self.spread)
        return reduced

    def learn(self, questions: Texts, statements: Texts) -> Tensor:
        """Scores of a batch of pairs, given as states."""
        reduced = [self.drop(self.reduced(one.values)) for one in (questions, statements)]
        return self._scores(Texts(reduced[0], questions.mask), Texts(reduced[1], statements.mask))

    def forward(self, question: Tensor, statements: Tensor, mask: Tensor) -> Tensor:
        """Scores (statements,) of one question (1, tokens, NUMBERS) with statements, all given as token vectors."""
        asked = question.expand(statements.shape[0], -1, -1)
        return self._scores(Texts(asked, torch.ones_like(asked[..., 0]).bool()), Texts(statements, mask))

    def _scores(self, question: Texts, statement: Texts) -> Tensor:
        asked, held = question.values, statement.values
        alike = self.sought(asked) @ self.offered(held).transpose(1, 2) / math.sqrt(NUMBERS)
        found = torch.softmax(alike.masked_fill(~statement.mask[:, None, :], _NOWHERE), -1) @ held
        back = torch.softmax(alike.masked_fill(~question.mask[:, :, None], _NOWHERE), 1).transpose(1, 2) @ asked
        weighed = [
            *_weighed(self.compare_question, self.weigh_question, question, found),
            *_weighed(self.compare_statement, self.weigh_statement, statement, back),
        ]
        scores: Tensor = self.decide(torch.cat(weighed, -1)).squeeze(-1)
        return scores


def _compared() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(4 * NUMBERS, NUMBERS), nn.ReLU(), nn.Dropout(_DROPPED), nn.Linear(NUMBERS, NUMBERS), nn.ReLU()
    )


def _weighed(compare: nn.Module, weigh: nn.Module, text: Texts, found: Tensor) -> tuple[Tensor, Tensor]:
    """The weighed mean and the greatest of the comparisons of a text's tokens with what was found for them."""
    own = text.values
    compared = compare(torch.cat([own, found, own - found, own * found], -1))
    share = torch.softmax(weigh(compared).squeeze(-1).masked_fill(~text.mask, _NOWHERE), -1)
    greatest = compared.masked_fill(~text.mask[..., None], _NOWHERE).amax(1)
    return (share[..., None] * compared).sum(1), greatest


def save(net: MatcherNet, reduction: Path, graph: Path) -> None:
    """Write the reduction of token states, and what reads the reduced, as an ONNX graph."""
    net.eval()
    weight = (net.reduce.weight / net.spread).T.detach().numpy()
    bias = net.reduce.bias.detach().numpy() - net.mean.numpy() @ weight
    np.savez_compressed(reduction, weight=weight.astype(np.float16), bias=bias.astype(np.float32))
    example = (torch.zeros(1, 4, NUMBERS), torch.zeros(3, 5, NUMBERS), torch.ones(3, 5, dtype=torch.bool))
    rules = {0: "rules", 1: "held"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter needs another package
        torch.onnx.export(
            net, example, str(graph), dynamo=False, opset_version=17, output_names=["scores"],
            input_names=["question", "statements", "mask"],
            dynamic_axes={"question": {1: "asked"}, "statements": rules, "mask": rules},
        )  # fmt: skip
