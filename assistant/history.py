"""Earlier turns as a chat model sees them: the last ones whole, within a budget. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.claims import without_markers
from assistant.evidence import as_data
from assistant.question import Turn


def to_history(turns: Sequence[Turn], characters: int, summary: str = "") -> str:
    """The block of the turns that fit, oldest first, after a summary of those before; empty where there are none."""
    kept = recent(turns, characters - len(summary))
    blocks = [f"Earlier, in short: {as_data(summary)}"] if summary else []
    blocks += [_block(turn) for turn in kept]
    return "<history>\n" + "\n".join(blocks) + "\n</history>\n\n" if blocks else ""


def recent(turns: Sequence[Turn], characters: int) -> list[Turn]:
    """The last turns that fit into so many characters, oldest first."""
    kept: list[Turn] = []
    for turn in reversed(turns):
        characters -= len(_block(turn))
        if characters < 0:
            break
        kept.append(turn)
    return kept[::-1]


def _block(turn: Turn) -> str:
    return f"Asked: {as_data(turn.question)}\nAnswered: {as_data(without_markers(turn.answer))}"
