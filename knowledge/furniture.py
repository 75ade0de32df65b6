"""What the furniture of a web page looks like, line by line: bylines, labels, feeds, menus, tickers. Pure.

The words are those of many languages, because pages are saved in their reader's language; `clean` also knows feeds
by their shape, for the languages that are not here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from knowledge.dates import find_dates
from knowledge.lines import columns, ends_sentence, looks_like_prose

_RELATED = """
related reads|related reading|related articles|related news|related stories|related posts|related content|related
recommended|recommended reads|recommended reading|recommended articles|recommended for you|more from this author
you may also like|you might also like|read next|read more|more stories|more news|trending|most read|popular articles
latest news|latest articles|hot articles|what to read next|more on this topic|see also
相关阅读|相关文章|相关推荐|相关新闻|推荐阅读|推荐文章|延伸阅读|热门文章|热门推荐|猜你喜欢|更多文章|最新文章|为你推荐
相關閱讀|相關文章|相關推薦|相關新聞|推薦閱讀|推薦文章|延伸閱讀|熱門文章|熱門推薦|猜你喜歡|更多文章|最新文章|為你推薦|你可能感興趣
letture associate|letture correlate|articoli correlati|articoli collegati|potrebbe interessarti|leggi anche
lectures associées|lectures connexes|articles connexes|articles liés|articles similaires|à lire aussi|sur le même sujet
verwandte artikel|ähnliche artikel|verwandte lektüre|verwandte beiträge|das könnte sie auch interessieren|mehr zum thema
lecturas relacionadas|artículos relacionados|noticias relacionadas|te puede interesar|también te puede interesar
leituras relacionadas|artigos relacionados|notícias relacionadas|leia também|veja também
gerelateerde artikelen|verwante artikelen|lees ook|powiązane artykuły|czytaj także|zobacz też
похожие статьи|похожие материалы|связанные материалы|читайте также|схожі статті|читайте також
ilgili okumalar|ilgili haberler|ilgili yazılar|benzer haberler|bài viết liên quan|đọc thêm|tin liên quan
bacaan terkait|artikel terkait|baca juga|関連記事|関連読み物|おすすめ記事|あわせて読みたい
관련 글|관련 기사|추천 기사|관련 읽기
บทความที่เกี่ยวข้อง|อ่านเพิ่มเติม|مقالات ذات صلة|قراءات ذات صلة|संबंधित लेख|संबंधित पठन
"""
_ABSTRACT = """
abstract|introduction|intro|summary|key takeaways|tl;dr|introduzione
sommario|riassunto|résumé|resumen|introducción
resumo|introdução|zusammenfassung|einleitung
samenvatting|inleiding|wprowadzenie|streszczenie
введение|аннотация|özet
giriş|tóm tắt|giới thiệu|ringkasan|pendahuluan|要約|概要|はじめに|초록|요약|소개
摘要|导语|導語|简介|簡介|导读|導讀|บทนำ|บทคัดย่อ|ملخص|مقدمة
"""
_CHROME = """
share|share this|share article|copy link|copy|print|email|subscribe|sign in|sign up|log in|login|register|download app
follow us|advertisement|ad|sponsored|comments|leave a comment|no comments|back to top|next|previous|home|menu|search
trading|trade|spot|futures|markets|deposit|withdraw|buy crypto|facebook|twitter|x|telegram|linkedin|whatsapp
weibo|wechat
分享|点赞|收藏|评论|转发|登录|注册|订阅|首页|菜单|搜索|返回顶部|上一篇|下一篇|下载|广告|现货|合约|交易|行情|微信|微博|复制链接
讚|點讚|評論|轉發|登入|登錄|註冊|訂閱|首頁|菜單|搜尋|回到頂部|下載|廣告|現貨|合約|行情|複製連結|關注|关注
图片|圖片|活动图片|活動圖片|配图|封面|头像|image|photo|picture|banner|avatar|logo|icon|thumbnail|cover
condividi|accedi|registrati|partager|se connecter|teilen|anmelden|compartir|iniciar sesión|compartilhar|entrar
поделиться|войти|paylaş|giriş yap|chia sẻ|đăng nhập|bagikan|シェア|ログイン|공유|로그인
"""


def _words(lines: str) -> frozenset[str]:
    return frozenset(word.strip() for line in lines.splitlines() for word in line.split("|") if word.strip())


_RELATED_WORDS, _ABSTRACT_WORDS, _CHROME_WORDS = _words(_RELATED), _words(_ABSTRACT), _words(_CHROME)
_TICKER = re.compile(
    r"^[$#]?[A-Z][A-Z0-9./\- ]{1,14}\s*[:：]?\s*(?:[A-Z]{0,3}[$¥€£]|USD|HKD)?\s*[\d,]+(?:\.\d+)?\s*(?:USDT?|HKD)?\s*"
    r"[(（]?\s*[▲▼↑↓+\-−]?\s*\d+(?:\.\d+)?\s*%\s*[)）]?$"
)
_BARE_FIGURE = re.compile(
    r"^\s*(?:图表?|圖表?|figure|fig|image|photo|chart|abbildung|figura|immagine)\.?\s*[\d一二三四五六七八九十]+\s*[:：.]?\s*$",
    re.IGNORECASE,
)
# A number and up to three words at a line's end: `5m ago`, `8 min fa`, `vor 3 Stunden`, `3 小时前`, `2 ชั่วโมงที่แล้ว`.
_AGO = re.compile(r"\d{1,3}\s?[^\W\d_][^\d,.;:!?。,;:]{0,24}$")
_AUTHOR = re.compile(
    r"^(?:(?:文章|本文|原文)?\s*作者|撰文|文|记者|記者"
    r"|written by|authors?|by|autore|di|auteur|par|autor|von|yazar"
    r"|автор|tác giả|penulis|著者|저자)"
    r"\s*(?P<mark>[:：|｜丨/／]?)\s*(?P<name>\S.{0,80})$",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"updat|modif|ultima|última|dernière|mise à jour|aggiornat"
    r"|actualiz|atualiz|aktualisier|geändert|zuletzt"
    r"|bijgewerkt|aktualiz|обновл|измен"
    r"|güncel|cập nhật|diperbarui|更新|修改|修訂|修订|최종|업데이트|수정",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"publish|posted|released?\s+on|publi|pubblicat"
    r"|veröffentlicht|erschienen|gepubliceerd|opublikowan|опубликован|опубліков"
    r"|yayın|đăng|xuất bản"
    r"|diterbitkan|发布|發佈|發布|发表|發表|刊登|公開|公开|投稿|게시|발행|เผยแพร่|نشر",
    re.IGNORECASE,
)
_OTHER_DATE = re.compile(
    r"effective|commence|deadline|clos|meeting|gazett|valid|expir|in force|until|by\b|before"
    r"|生效|施行|实施|實施|截止|有效|届满|屆滿|起|止|期",
    re.IGNORECASE,
)

# What may follow the date: a time of day, the label (`2024-03-04 发布`); not the rest of a heading (`2024年的牌照`).
_AFTER_DATE = re.compile(
    r"[\s,|·)\-–—T]*(?:\d{1,2}:\d\d(?::\d\d)?)?\s*(?:[AP]M|UTC|GMT|HKT)?\s*"
    r"(?:发布|發佈|發布|更新|发表|發表|刊登|公開|公开|投稿|게시|발행|작성|published|posted|updated)?[\s|·.)]*$",
    re.IGNORECASE,
)


def key(text: str) -> str:
    """The form in which lines are compared: NFKC, lower case, letters and digits only."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).lower() if letter.isalnum())


def _label(text: str) -> str:
    return " ".join(text.strip(" :：-–—|*#>»▶").lower().split())


def is_related_label(text: str) -> bool:
    """Whether the line heads a feed of other articles."""
    return _label(text) in _RELATED_WORDS


def is_abstract_label(text: str) -> bool:
    """Whether the line is the site's label of the abstract."""
    return _label(text) in _ABSTRACT_WORDS


def is_chrome(text: str) -> bool:
    """Whether the line is a button, a menu entry, a picture's stand-in, a ticker or the bare number of a figure."""
    return _label(text) in _CHROME_WORDS or bool(_TICKER.match(text.strip()) or _BARE_FIGURE.match(text))


def is_stamp(text: str) -> bool:
    """Whether the line is the stamp of a card in a feed: a site's name and how long ago, or a date."""
    text = text.strip()
    if columns(text) > 60 or "\n" in text or looks_like_prose(text):
        return False
    dates = find_dates(text)
    return bool(_AGO.search(text)) or bool(dates and dates[-1].end >= len(text) - 8)


@dataclass(frozen=True, slots=True)
class Byline:
    """Who published a page, and when."""

    publisher: str | None
    published: str | None
    updated: str | None


def read_byline(text: str) -> Byline | None:
    """The byline in a short line with a date of publication; None where the line is something else.

    Labels in a language that we don't know are taken for `published` and `last updated` where there are two dates.
    """
    dates = find_dates(text)
    if not dates or len(dates) > 2 or columns(text) > 140 or ends_sentence(text):
        return None
    if not _AFTER_DATE.match(text, dates[-1].end):
        return None
    labels = [text[start : one.start] for start, one in zip([0, *(d.end for d in dates)], dates, strict=False)]
    rest = "".join([*labels, text[dates[-1].end :]])
    known = _PUBLISHED.search(rest) or _UPDATED.search(rest)
    if columns(rest) > 80 or (not known and (_OTHER_DATE.search(rest) or not (len(dates) == 2 or _is_name(rest)))):
        return None
    published = updated = None
    for label, one in zip(labels, dates, strict=True):
        if (_UPDATED.search(label) and not _only_published(label)) or published is not None:
            updated = one.day
        else:
            published = one.day
    return Byline(_publisher(labels[0]), published, updated)


def _is_name(rest: str) -> bool:
    """Whether beside the date stands nothing, or no more than a name: `Lagoon Courier`, `海港日报`."""
    words = re.findall(r"[^\W\d_]+", rest)
    return columns(rest) <= 24 and len(words) <= 3 and not any(word[0].islower() for word in words)


def _only_published(label: str) -> bool:
    """`Pubblicato ultima volta` is an update; `Ultimate Media Published on` is not."""
    update, publication = _UPDATED.search(label), _PUBLISHED.search(label)
    return bool(update and publication and update.end() < publication.start())


def _publisher(label: str) -> str | None:
    """What stands before the label of the date; where the label is unknown, before the last change of script."""
    known = _PUBLISHED.search(label) or _UPDATED.search(label)
    if known:
        start = known.start()
        while start and label[start].islower() and label[start - 1].isascii() and label[start - 1].isalpha():
            start -= 1
        name = label[:start]
    else:
        change = list(re.finditer(r"(?<=[\u3400-\u9fff])(?=[^\W\d_\u3400-\u9fff])", label))
        name = label[: change[-1].start()] if change else label
    name = re.sub(r"(?:^|\s)(?:last|date|time|first|日期|时间|時間)\s*$", "", name, flags=re.IGNORECASE).strip(
        " \t|·•,-–—:：/"
    )
    return name if any(letter.isalpha() for letter in name) else None


def read_author(text: str) -> str | None:
    """The name in an author's line; None where the line is something else."""
    match = _AUTHOR.match(text.strip())
    if match is None or ends_sentence(text) or columns(text) > 100:
        return None
    name = match["name"].strip()
    if match["mark"]:
        return name
    # Without a colon only a name follows: `By Jane Doe`, not `By default platforms ...`, and `di` alone is a word.
    words = name.split()
    return name if len(words) <= 4 and all(word[0].isupper() for word in words) and " " in text.strip() else None
