from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from assistant.state.turnstile import Turnstile


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def test_one_who_writes_on_and_on_lets_another_in_each_time(database: Path) -> None:
    wrote: list[str] = []
    began = threading.Barrier(2)

    def write(name: str) -> None:
        with closing(Turnstile(database)) as turnstile:
            began.wait(10)
            for _ in range(20):
                with turnstile.turn():
                    wrote.append(name)
                    time.sleep(0.005)  # as a sync of the disk does, and there is no pause before the next

    both = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    together = wrote[: 2 * min(wrote.index("a") + 18, wrote.index("b") + 18)]
    assert len(wrote) == 40
    changes = sum(first != second for first, second in zip(together, together[1:], strict=False))
    assert changes >= 0.8 * (len(together) - 1)


def test_turns_do_not_overlap_and_one_that_fails_gives_its_turn_back(database: Path) -> None:
    with closing(Turnstile(database)) as one, closing(Turnstile(database)) as other:
        with pytest.raises(ValueError, match="no"), one.turn():
            raise ValueError("no")
        entered = threading.Event()

        def enter() -> None:
            with other.turn():
                entered.set()

        with one.turn():
            waiting = threading.Thread(target=enter)
            waiting.start()
            assert not entered.wait(0.2)
        assert entered.wait(10)
        waiting.join(10)
