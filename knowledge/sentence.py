"""Where sentences begin and end, in English and Chinese, as offsets into the text. Pure.

1. Blank lines, form feeds, headings, list items and table rows part the text; marks (`## `, `- `) belong to nothing.
   A single line end within a paragraph is a space.
2. Within a part, quotations and brackets that close within reach are one piece: what somebody said stays with who
   said it. Where a quotation ends as a sentence does, the sentence ends with it, unless `he said` follows.
3. `。！？` end a sentence, `；` too (in Chinese it parts clauses that stand alone; in English `;` does not). ASCII
   `.!?` do where a space or a Chinese character follows. A full stop does not end a sentence after an abbreviation
   (`No. 5`, `Cap. 656`, `e.g.`), an initial or an enumerator, within a number, or before a small letter. After
   `Ltd.` or `U.S.` it does only where the next word is one that sentences begin with.
"""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.abbreviations import AFTER_NAMES, BEFORE_NUMBERS, BEFORE_WORDS, STARTERS

_HAN = "\u3400-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef"
_CLOSERS = "'”’」』）)】》］]〉"
_PAIRS = {"“": '”"', "「": "」", "『": "』", "（": "）)", "(": ")）", "【": "】", "《": "》", '"': '"', "[": "]"}
_QUOTES = frozenset('“「『"')
_NEAR = 60
"""How far before and after a mark is looked at, in characters."""
_REACH = 400
"""How far a quotation or bracket may run, in characters; a longer one is read as running text."""

_MARK = re.compile(r"(?:#{1,6}[ \t]+|[-*+•·▪●○■◆‣][ \t]+|>[ \t]?|\|[ \t]*)?")
_OWN_LINE = re.compile(r"[ \t\u3000]*(?:#{1,6}[ \t]|[-*+•·▪●○■◆‣][ \t]|\|)|.*\S[ \t]+\|[ \t]")
_ENUMERATED_LINE = re.compile(
    r"[ \t\u3000]*(?:\d{1,3}[.)][ \t]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})\)[ \t]|[（(][一二三四五六七八九十\d]{1,3}[）)])"
)
_POINT = re.compile(r"[。！？!?；;.．“「『（(【《\"\[]")
_RUN_OF_ENDS = re.compile(rf"[。！？!?．.…]*(?:[{re.escape(_CLOSERS)}]|\"(?=\s|$)|\[\d{{1,3}}\]|[¹²³⁴-⁹])*")
_WIDE = re.compile(f"[{_HAN}]")

_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})$")
_WORD_BEFORE = re.compile(r"[^\W_](?:[^\W_]|[.&'’-](?=[^\W_]))*$")
_LABELLED = re.compile(
    r"\b(?:Part|Type|Class|Schedule|Appendix|Annex|Annexe|Category|Group|Plan|Option|Tier|Form|Division|Table|Series|"
    r"Phase|Section|Article|Chapter|Exhibit)\s+[A-Z]$"
)
_SMALL_BUT_NAME = re.compile(r"[a-z]-?[A-Z]")
_SAID_ENGLISH = re.compile(
    r"\s*(?:[\w.'’-]+\s+){0,4}(?:said|says|added|adds|told|noted|notes|asked|wrote|explained|stated|"
    r"replied|warned)\s*[.,;]"
)
_SAID_CHINESE = re.compile(
    r"[^，。！？；,;!?「“『\n]{0,12}?(?:说|說|表示|指出|称|稱|道|补充|補充|强调|強調|回应|回應|解释|解釋|写道|寫道|坦言|透露)道?[。，,；！!]"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` as (start, end), in order, without the white space around them.

    Every character but white space and the marks of headings and list items belongs to exactly one.
    """
    return [*_sentences(text)]


@lru_cache(maxsize=1024)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    """The same, remembered for a while: statements and sections are read for one question after the other."""
    found: list[tuple[int, int]] = []
    for start, end in _parts(text):
        begin = start
        for border in _borders(text, start, end):
            _add(text, begin, border, found)
            begin = border
        _add(text, begin, end, found)
    return tuple(found)


def _add(text: str, start: int, end: int, found: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


def _parts(text: str) -> list[tuple[int, int]]:
    """Spans that no sentence crosses, without the mark at their head."""
    parts: list[tuple[int, int]] = []
    open_from: int | None = None
    place = 0
    for line in re.split(r"(?<=[\n\f])", text):
        end = place + len(line)
        own = _OWN_LINE.match(line) is not None
        if open_from is not None and (not line.strip() or own or _ENUMERATED_LINE.match(line)):
            parts.append((open_from, place))
            open_from = None
        if line.strip() and open_from is None:
            open_from = place + _head(line)
        if open_from is not None and (
            line.endswith("\f") or (own and not line.lstrip().startswith(tuple("-*+•·▪●○■◆‣")))
        ):
            parts.append((open_from, end))
            open_from = None
        place = end
    if open_from is not None:
        parts.append((open_from, place))
    return parts


def _head(line: str) -> int:
    """The length of the white space and the mark that the line begins with."""
    blank = len(line) - len(line.lstrip())
    mark = _MARK.match(line, blank)
    return mark.end() if mark is not None and line[mark.end() :].strip() else blank


def _borders(text: str, start: int, end: int) -> list[int]:
    """The places at which a sentence ends within the part, its own end aside."""
    borders: list[int] = []
    begin, place = start, start
    while (point := _POINT.search(text, place, end)) is not None:
        at = point.start()
        if text[at] in _PAIRS:
            place, border = _after_group(text, begin, at, end)
        else:
            place, border = _after_mark(text, begin, at, end)
        if border and place < end:
            borders.append(place)
            begin = place
    return borders


def _after_mark(text: str, begin: int, at: int, end: int) -> tuple[int, bool]:
    """Where reading goes on after the mark at `at`, and whether a sentence ends there."""
    after = _RUN_OF_ENDS.match(text, at + 1, end)
    stop = after.end() if after is not None else at + 1
    if text[at] in "。！？；．":
        return stop, True
    if text[at] == ";":
        return at + 1, _beside_chinese(text, at, at + 1, end)
    if text[at] in "!?":
        return stop, _ends_ascii(text, at, stop, end)
    return stop if stop > at + 1 else at + 1, _ends_ascii(text, at, stop, end) and _is_full_stop(
        text, begin, at, stop, end
    )


def _beside_chinese(text: str, at: int, stop: int, end: int) -> bool:
    before = text[at - 1] if at else ""
    return bool(_WIDE.match(before)) or bool(stop < end and _WIDE.match(text[stop]))


def _ends_ascii(text: str, at: int, stop: int, end: int) -> bool:
    """Whether what follows an ASCII mark lets a sentence end: the end, a space before no small letter, or Chinese."""
    if stop >= end:
        return True
    if not text[stop].isspace():
        # `3.0版` and `Web3.香港`: after a digit or a Latin letter a dot may belong to the name.
        return _WIDE.match(text[stop]) is not None and (text[at] != "." or bool(at and _WIDE.match(text[at - 1])))
    following = text[stop : min(end, stop + 40)].lstrip()
    small = bool(following) and following[0].islower()
    return not small or _SMALL_BUT_NAME.match(following) is not None


def _is_full_stop(text: str, begin: int, at: int, stop: int, end: int) -> bool:
    """Whether the dot at `at` ends a sentence, rather than an abbreviation, an initial or an enumerator."""
    before = text[max(begin, at - _NEAR) : at].lstrip()
    following = text[stop : min(end, stop + _NEAR)].lstrip()
    if at - begin < _NEAR and _ENUMERATOR.fullmatch(before) is not None:
        return False
    word_match = _WORD_BEFORE.search(before)
    word = word_match.group().lower() if word_match is not None else ""
    if word in BEFORE_WORDS:
        return False
    if word in BEFORE_NUMBERS and re.match(r"[\d(§#]|[IVXLC]+\b|[A-Z]\d|(?:HK|US|RMB)?[$€£¥]", following):
        return False
    if len(word) == 1 and word.isalpha() and word.isascii() and word_match is not None and word_match.group().isupper():
        return _LABELLED.search(before) is not None or _starts(following)
    if word in AFTER_NAMES or (("." in word) and re.fullmatch(r"(?:[a-z]\.)+[a-z]", word)):
        return word in ("a.m", "p.m") or _starts(following)
    return True


def _starts(following: str) -> bool:
    """Whether a word follows that sentences begin with, or nothing, or Chinese."""
    word = re.match(r"[\"“(]?([A-Za-z]+)", following)
    if word is None:
        return not following or not following[0].isdigit()
    return word[1].lower() in STARTERS


def _after_group(text: str, begin: int, at: int, end: int) -> tuple[int, bool]:
    """Where reading goes on after the quotation or bracket at `at`, and whether a sentence ends with it."""
    close = _closing(text, at, end)
    if close is None:
        return at + 1, False
    last = text[close - 1]
    after = _RUN_OF_ENDS.match(text, close + 1, end)
    stop = after.end() if after is not None else close + 1
    if stop > close + 1 and any(mark in "。！？!?．." for mark in text[close + 1 : stop]):
        # The mark stands outside: `…”。`; read it as any other.
        return close + 1, False
    alone = at - begin < _NEAR and not text[begin:at].strip()
    if last not in "。！？!?." or not (text[at] in _QUOTES or alone):
        return close + 1, False
    if _said_follows(text, stop, end, last):
        return stop, False
    if last in "。！？":
        return stop, not (stop < end and text[stop] in "，,、；;：:的之等和与與及或")
    ends = _ends_ascii(text, close, stop, end)
    return stop, ends and (last != "." or _is_full_stop(text, begin, close - 1, stop, end))


def _said_follows(text: str, stop: int, end: int, last: str) -> bool:
    """Whether who said it follows. English puts it so after `?` and `!` only."""
    following = text[stop : min(end, stop + _NEAR)]
    asked = last in "!?" and _SAID_ENGLISH.match(following) is not None
    return asked or _SAID_CHINESE.match(following) is not None


def _closing(text: str, at: int, end: int) -> int | None:
    """The place of the mark that closes the one at `at`, over marks of the same kind inside; None out of reach."""
    opener, closers = text[at], _PAIRS[text[at]]
    if opener == '"' and (
        text[at + 1 : at + 2].isspace() or (at and text[at - 1].isascii() and text[at - 1].isalnum())
    ):
        # An inch, or a quotation closed that was never seen to open.
        return None
    reach = min(end, at + _REACH)
    if all(text.find(closer, at + 1, reach) < 0 for closer in closers):
        return None
    depth = 0
    for place in range(at + 1, reach):
        if text[place] in closers:
            if depth == 0:
                return place
            depth -= 1
        elif text[place] == opener:
            depth += 1
    return None
