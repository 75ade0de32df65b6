"""The bots' own words in three scripts. Pure; no facts."""

from __future__ import annotations

from assistant.answer import Citation
from knowledge.rule import Language, Standing

_STANDING: dict[Standing, tuple[str, str, str]] = {
    Standing.IN_FORCE: ("in force", "生效中", "生效中"),
    Standing.NOT_YET: ("not yet in force", "尚未生效", "尚未生效"),
    Standing.SUPERSEDED: ("superseded", "已被取代", "已被取代"),
    Standing.PROPOSED: ("proposed", "建议", "建議"),
    Standing.LAPSED: ("lapsed", "已失效", "已失效"),
    Standing.EVENT: ("event", "事件", "事件"),
}
_WORDS: dict[str, tuple[str, str, str]] = {
    "document": ("document", "文件", "文件"),
    "progress": ("Looking it up…", "正在查找…", "正在查找…"),
    "sources": ("Sources", "来源", "來源"),
    "as_of": ("As of {day} · not legal advice", "截至{day} · 并非法律意见", "截至{day} · 並非法律意見"),
    "up": ("Helpful", "有帮助", "有幫助"),
    "down": ("Not helpful", "没帮助", "沒幫助"),
    "thanks": ("Thank you, noted.", "谢谢，已记录。", "謝謝，已記錄。"),
    "sorry_rating": ("This answer is no longer kept.", "此回答已不再保存。", "此回答已不再保存。"),
    "not_official": ("not an official source", "非官方来源", "非官方來源"),
    "empty": (
        "Ask me about Hong Kong's policy on virtual assets, for example: Who licenses trading platforms?",
        "请向我提问有关香港虚拟资产政策的问题，例如：谁负责发牌给交易平台？",
        "請向我提問有關香港虛擬資產政策的問題，例如：誰負責發牌給交易平台？",
    ),
    "too_long": (
        "Your question has {length:,} characters; {allowed:,} are allowed. Please shorten it.",
        "问题有{length:,}个字符，最多可用{allowed:,}个，请缩短。",
        "問題有{length:,}個字元，最多可用{allowed:,}個，請縮短。",
    ),
    "too_many": (
        "You have asked many questions in a short time. Please ask again in {seconds} s.",
        "你在短时间内提出了很多问题，请在{seconds}秒后再问。",
        "你在短時間內提出了很多問題，請在{seconds}秒後再問。",
    ),
    "sorry": (
        "I could not answer this just now. Please ask again later.",
        "暂时无法回答，请稍后再问。",
        "暫時無法回答，請稍後再問。",
    ),
    "not_here": ("I may not answer here.", "我不能在这里回答。", "我不能在這裡回答。"),
}
_PLACE: dict[Language, int] = {"en": 0, "zh-Hans": 1, "zh-Hant": 2}


def word(key: str, language: Language, **values: object) -> str:
    """One of the bots' phrases."""
    return _WORDS[key][_PLACE[language]].format(**values)


def worth_word(citation: Citation, language: Language) -> str:
    """What a cited record is worth: a rule's standing; a document's text has none of its own."""
    return word("document", language) if citation.kind == "passage" else standing_word(citation.standing, language)


def standing_word(standing: Standing, language: Language) -> str:
    """What a rule is worth, as a reader says it."""
    return _STANDING[standing][_PLACE[language]]
