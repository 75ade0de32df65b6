"""How likely each rule found answers the question: its measures first, the likeliest read word by word, and whether
the question is nearer to those that the rule answers or to those that it leaves open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.matcher import open_matcher
from assistant.measure import FEATURES
from assistant.rule_index import RuleIndex
from assistant.verify import Verifier
from knowledge.e5_tokens import TokenEmbedder
from knowledge.library import Library
from knowledge.words import has_han

NEARNESS = ("known", "open", "known_in_own_language", "open_in_own_language")
_LANGUAGES = ("en", "zh")
_KNOWN = [FEATURES.index("ask_own"), FEATURES.index("ask_other")]
READ = 6
"""How many are read word by word; the others count as the worst of these."""


def likelihood(
    library: Library, index: RuleIndex, verifier: Verifier, text: str, places: Sequence[int],
    features: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """Probabilities of the rules at `places`, shape (places,). Without token vectors the measures decide alone."""
    probabilities = verifier.probability(features)
    scores = match(library, index, text, places, probabilities)
    if scores is None:
        return probabilities
    return verifier.joined(probabilities, scores, nearness(library, index, text, places, features), features)


def nearness(
    library: Library, index: RuleIndex, text: str, places: Sequence[int], features: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cosines to the nearest question that each rule answers and to the nearest that it leaves open, in any language
    and in the question's own: shape (places, 4). Not a number where it is not known what a rule leaves open."""
    found = np.full((len(places), len(NEARNESS)), np.nan)
    if library.left_open is None:
        return found
    own = _LANGUAGES.index("zh" if has_han(text) else "en")
    left_open = library.left_open.nearest(
        [index.rules[place].id for place in places], library.embedder.embed_query(text)
    )
    known = ~np.isnan(left_open).any(axis=1)
    found[known, 0] = features[known][:, _KNOWN].max(axis=1)
    found[known, 1] = left_open[known].max(axis=1)
    found[known, 2] = features[known, _KNOWN[0]]
    found[known, 3] = left_open[known, own]
    return found


def match(
    library: Library, index: RuleIndex, text: str, places: Sequence[int], probabilities: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """The matcher's scores of the rules at `places`; None where the library or its embedder has no token vectors."""
    tokens, embedder = library.tokens, library.embedder
    if tokens is None or not isinstance(embedder, TokenEmbedder) or not places:
        return None
    likeliest = np.argsort(-probabilities, kind="stable")[:READ]
    language, vector = "zh" if has_han(text) else "en", embedder.embed_query(text)
    chosen = [places[n] for n in likeliest]
    statements = [tokens.get(f"{index.rules[place].id}#{language}") for place in chosen]
    asks = [tokens.get(passage) for passage in index.nearest_asks(chosen, language, vector)]
    read = open_matcher().scores(embedder.query_tokens(text), statements, asks)
    scores = np.full(len(places), read.min())
    scores[likeliest] = read
    return scores
