"""The assistant's own words in three scripts: leads, notes, refusals. Pure; no facts."""

from __future__ import annotations

from datetime import date

from knowledge.rule import Language
from knowledge.words import to_traditional

_PHRASES: dict[str, tuple[str, str]] = {
    "yes": ("Yes: ", "是："),
    "no": ("No: ", "不是："),
    "can": ("Yes: ", "可以："),
    "cannot": ("No: ", "不可以："),
    "must": ("Yes: ", "需要："),
    "need_not": ("No: ", "不需要："),
    "has": ("Yes: ", "有："),
    "has_not": ("No: ", "没有："),
    "will": ("Yes: ", "会："),
    "will_not": ("No: ", "不会："),
    "depends": ("It depends: ", "视情况而定："),
    "insufficient": (
        "We hold nothing that answers this.",
        "现有记录中没有能回答这个问题的内容。",
    ),
    "nothing_then": (
        "We hold nothing for {day}: the earliest of our records is of {earliest}.",
        "我们没有{day}的记录：最早的一份记于{earliest}。",
    ),
    "nearby": ("What we hold nearby: {titles}.", "我们持有的相近记录：{titles}。"),
    "off_topic": (
        "This is not about Hong Kong's policy on virtual assets, and none of the records we hold answers it.",
        "这个问题与香港虚拟资产政策无关，我们持有的记录中也没有答案。",
    ),
    "unclear": (
        "What is this about? Name the matter, for example a rule, a licence or a company.",
        "请问你指的是哪一件事？请说明事项，例如某项规定、某类牌照或某家公司。",
    ),
    "part_missing": ("On “{part}” we hold nothing that answers.", "关于“{part}”，现有记录中没有答案。"),
    "as_of": ("Told as of {day}.", "以{day}的情况作答。"),
    "as_of_read": ("Told as of {day}, read from “{phrase}”.", "以{day}的情况作答（根据问题中的“{phrase}”）。"),
    "superseded": (
        "[{number}] no longer holds since {day}; it was replaced by “{title}”.",
        "[{number}]自{day}起不再适用，已由《{title}》取代。",
    ),
    "superseded_undated": ("[{number}] was replaced by “{title}”.", "[{number}]已由《{title}》取代。"),
    "lapsed": ("[{number}] no longer applies since {day}.", "[{number}]自{day}起不再适用。"),
    "proposed": (
        "[{number}] is a proposal or plan, not law.",
        "[{number}]只是建议或计划，并非现行法律。",
    ),
    "not_yet": ("[{number}] is not in force yet; it starts on {day}.", "[{number}]尚未生效，将于{day}生效。"),
    "later": ("[{number}] is of {day}, after the day asked about.", "[{number}]是{day}的事，在所问日期之后。"),
    "not_yet_undated": ("[{number}] is not in force yet.", "[{number}]尚未生效。"),
    "changed_since": (
        "This has changed since: from {day}, “{title}”.",
        "其后已有变化：自{day}起为《{title}》。",
    ),
    "ended_since": ("This has ended since, on {day}.", "其后已于{day}终止。"),
    "since": ("This has applied since {day}.", "这项规定自{day}起适用。"),
    "disputed": ("Sources differ. {claim} {note}", "资料说法不一。{claim}{note}"),
    "claimed": ("An article says: {claim}", "有文章称：{claim}"),
    "low_confidence": (
        "[{number}] rests on thin evidence; check it before you rely on it.",
        "[{number}]的依据较弱，使用前请先核实。",
    ),
    "medium_confidence": (
        "[{number}] is supported, but not by the official text itself.",
        "[{number}]有资料支持，但并非直接依据官方文本。",
    ),
    "source": (
        "“{title}” [{number}]: {instrument}; {publisher}, {day}.",
        "《{title}》[{number}]：{instrument}；{publisher}，{day}。",
    ),
    "not_yet_then": ("Not yet in force on {day}; since {begins}: ", "{day}时尚未生效；自{begins}起："),
    "not_known_then": ("Not yet on {day}; on {begins}: ", "{day}时尚未有此事；{begins}："),
    "no_source": (
        "The last answer has no source with that number.",
        "上一个回答没有这个编号的来源。",
    ),
}  # fmt: skip


def say(key: str, language: Language, **values: object) -> str:
    """One of our phrases. Values are put in as they are."""
    english, chinese = _PHRASES[key]
    if language == "en":
        return english.format(**values)
    phrase = chinese if language == "zh-Hans" else to_traditional(chinese)
    return phrase.format(**values)


def inner(title: str) -> str:
    """A title as it stands within the title marks of a Chinese phrase."""
    return title.replace("《", "〈").replace("》", "〉")


def say_day(day: date, language: Language) -> str:
    """A date as it is written in the language."""
    if language == "en":
        return f"{day.day} {day.strftime('%B')} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def say_when(when: str | None, language: Language) -> str:
    """A date of `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, or "undated"."""
    if when is None:
        return "undated" if language == "en" else ("未标日期" if language == "zh-Hans" else "未標日期")
    parts = [int(part) for part in when.split("-")]
    if len(parts) == 3:
        return say_day(date(*parts), language)
    if language == "en":
        return date(parts[0], parts[1], 1).strftime("%B %Y") if len(parts) == 2 else str(parts[0])
    return f"{parts[0]}年{parts[1]}月" if len(parts) == 2 else f"{parts[0]}年"
