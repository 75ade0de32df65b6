"""Bytes to text: UTF-8, UTF-16, UTF-32, GB18030, Big5-HKSCS and Windows-1252, told apart and verified. Pure.

A byte-order mark decides; else UTF-8, which other encodings hardly ever resemble; else UTF-16 where its zero bytes
or its characters show; else each legacy table is tried, the one whose text reads best is taken, and the bytes must
come back from it. A declared encoding (HTTP header, `<meta charset>`) is tried first but believed only if the text
reads like text. What reads like no text is refused: a wrong guess would be quoted as if somebody had written it.
"""

from __future__ import annotations

import codecs
import re

from knowledge.errors import DocumentError
from knowledge.plausibility import find_damage, share_common
from knowledge.words import HAN

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ("gb18030", "big5hkscs", "cp1252")
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso-8859-1": "cp1252", "latin-1": "cp1252"}
_ADVICE = "Open it in its own program and save it as UTF-8."
_WESTERN = re.compile(
    "[\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u20ac\u00a3\u00a7\u00a9\u00ae\u00a0\u00b0\u2122]"
)
_ACCENTED = re.compile(r"(?<![^\x00-\x7f])[À-ÖØ-öø-ÿ](?![^\x00-\x7f])")
_WIDE_MARKS = re.compile("[，。、；：！？「」（）《》]")
_SAMPLE = 20_000
_FIRST_LEVEL = {"gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6)}
"""Lead bytes of the usual characters in each table; the rest are rare ones and signs."""
_LEAST_SCORE = 0.2


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data`, with `\\n` line ends and no byte-order mark.

    `declared` is what a header or the document says of its encoding. Raises DocumentError where no encoding gives
    text that reads like text, with the reason.
    """
    text = _decoded(data, declared)
    damage = find_damage(text)
    if damage is not None:
        raise DocumentError(f"The text can't be read: {damage}. {_ADVICE}")
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    for guess in (_by_declaration(data, declared), _utf8(data), _wide(data), _legacy(data)):
        if guess is not None:
            return guess
    raise DocumentError(f"The text can't be read: {_why_not(data)}. {_ADVICE}")


def _why_not(data: bytes) -> str:
    """What can be said of bytes that no encoding reads: most often UTF-8 that was cut or damaged."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        lost = data.decode("utf-8", "replace").count("\ufffd")
        if lost * 50 < len(data):
            return f"it is UTF-8 but damaged, first at byte {error.start:,}"
    return "its encoding is none that we know"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise DocumentError(
            f"The text can't be read: it begins as {name} but is broken further on. {_ADVICE}"
        ) from error


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _by_declaration(data: bytes, declared: str | None) -> str | None:
    name = (declared or "").strip().strip("\"'").lower()
    if not name:
        return None
    name = _ALIASES.get(name, name)
    text = _tried(data, name)
    if text is None or find_damage(text) is not None or name == "cp1252":
        # Servers say iso-8859-1 of everything; it never fails, so it proves nothing.
        return None
    return text if _score(text, name) >= _LEAST_SCORE or text.isascii() or name.startswith("utf") else None


def _utf8(data: bytes) -> str | None:
    return None if b"\x00" in data else _tried(data, "utf-8")


def _wide(data: bytes) -> str | None:
    """UTF-16 without a byte-order mark: many zero bytes on one side, or Chinese that only reads this way."""
    if len(data) % 2 or len(data) < 4:
        return None
    for encoding, high in (("utf-16-le", data[1::2]), ("utf-16-be", data[0::2])):
        text = _tried(data, encoding)
        if text is None:
            continue
        zeros = high[:_SAMPLE].count(0) / len(high[:_SAMPLE])
        share = share_common(text[:_SAMPLE])
        if zeros > 0.4 or (share is not None and share > 0.4):
            return text
    return None


def _legacy(data: bytes) -> str | None:
    readings: list[tuple[float, str]] = []
    for encoding in _LEGACY:
        text = _tried(data, encoding)
        if text is not None and text.encode(encoding) == data:
            readings.append((_score(text[:_SAMPLE], encoding), text))
    best = max(readings, default=(0.0, ""), key=lambda reading: reading[0])
    return best[1] if best[0] >= _LEAST_SCORE else None


def _score(text: str, encoding: str) -> float:
    """From 0 to 1, the share of characters beyond ASCII that this reading explains."""
    beyond = sum(not letter.isascii() for letter in text)
    if not beyond:
        return 1.0
    if encoding == "cp1252":
        return (len(_WESTERN.findall(text)) + len(_ACCENTED.findall(text))) / beyond
    if encoding in _FIRST_LEVEL:
        return _reads_chinese(text, encoding)
    return share_common(text) or 0.0


def _reads_chinese(text: str, encoding: str) -> float:
    """1 for a common character, a third for one that the table at least counts among the usual ones (as in names)."""
    han: list[str] = HAN.findall(text)
    if not han:
        return 0.3 if _WIDE_MARKS.search(text) else 0.0
    first, last = _FIRST_LEVEL[encoding]
    usual = sum(first <= letter.encode(encoding)[0] <= last for letter in han) / len(han)
    common = share_common(text) or 0.0
    return common + (usual - common) / 3
