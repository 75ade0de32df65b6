"""How far a decoded text reads like text, and the traces of text once decoded wrongly. Pure."""

from __future__ import annotations

import codecs
import re

# The Chinese characters met most in news, statutes and finance, both scripts. In real Chinese text about half of all
# characters are among them; in bytes read with the wrong table fewer than one in ten.
_COMMON = frozenset(
    "的一是不了在人有我他这这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能"
    "好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此"
    "实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真"
    "听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路"
    "期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统"
    "色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半"
    "候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容"
    "研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏集编宝谈府拉黑且"
    "券监虚拟币证稳投银融牌照货规条例客户款项须港局账户风险管理业务要求机构定义包括服务提供发行交易平台数字资产"
    "這來個國說們為時會過學對後麼沒於還發當無開經頭從動兩長樣現將與進實點種聲話兒問機給幾業間電門東氣關內軍產萬體別處總場師"
    "書員華報馬張難數應車計親務記邊風戰接許覺題統請愛讓認論義術結連遠資隊帶條變聯權領傳近紅達辦運強區眾輕滿寫識極黃臉錢黨設"
    "雙歷廣議際則單據導網專誰讀飛觀爭組視濟雖壞編寶談監虛擬幣證穩銀貨規戶項須賬險構義務發行臺灣營運者嘅係喺唔咗啲佢哋嗰冇"
)
_HAN = re.compile("[\u3400-\u9fff]")
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7a3]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_OUTSIDE = re.compile("[\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff]")
_LOST = "\ufffd"
# U+FFFD written in UTF-8 and read as GBK.
_LOST_AS_GBK = "\u951f\u65a4\u62f7"
_ENOUGH_HAN = 30
_LEAST_COMMON = 0.15
_LOST_PER_CHARACTER = 1 / 500
_CONTROL_PER_CHARACTER = 1 / 200


def share_common(text: str) -> float | None:
    """The share of the Chinese characters that are common ones; None where there are none, or it is not Chinese."""
    han = _HAN.findall(text)
    if not han or len(_KANA_OR_HANGUL.findall(text)) * 20 > len(han):
        return None
    return sum(letter in _COMMON for letter in han) / len(han)


def _bytes_of(span: str, table: str) -> bytes:
    """The bytes that `table` would have read as `span`; browsers read the holes of Windows-1252 as Latin-1."""
    if table == "gb18030":
        return span.encode(table)
    return b"".join(
        letter.encode("latin-1") if "\x80" <= letter <= "\x9f" else letter.encode("cp1252") for letter in span
    )


def _undoes(span: str, table: str) -> bool:
    """Whether `span` is UTF-8 misread with `table`. A character cut in two at its end does not count against it."""
    try:
        undone = codecs.getincrementaldecoder("utf-8")().decode(_bytes_of(span, table))
    except UnicodeError:
        return False
    return 0 < len(undone) < len(span)


def _decoded_twice(text: str) -> str | None:
    """The table with which UTF-8 was once misread, where undoing that gives text again."""
    spans = sorted(re.findall(r"[^\x00-\x7f]{2,}", text), key=len, reverse=True)[:50]
    for table in ("cp1252", "gb18030"):
        undone = [span for span in spans if _undoes(span, table)]
        if len(undone) > 0.3 * len(spans) and (len(undone) >= 3 or max(map(len, undone)) >= 8):
            return table
    return None


def find_damage(text: str) -> str | None:
    """Why the text can't be what its author wrote, as a clause; None where it reads like text."""
    length = max(len(text), 1)
    table = _decoded_twice(text)
    if table is not None:
        return f"it is mojibake: UTF-8 that was once read as {table} and saved again"
    if len(_CONTROL.findall(text)) > max(2, _CONTROL_PER_CHARACTER * length):
        return "it holds control characters that no text has: this is not a text file"
    if len(_OUTSIDE.findall(text)) > max(2, _CONTROL_PER_CHARACTER * length):
        return "it holds characters outside any script"
    if text.count(_LOST) > max(1, _LOST_PER_CHARACTER * length) or _LOST_AS_GBK in text:
        return "characters were lost (U+FFFD) when it was once saved in the wrong encoding"
    share = share_common(text)
    if share is not None and len(_HAN.findall(text)) >= _ENOUGH_HAN and share < _LEAST_COMMON:
        return "its Chinese characters make no text (mojibake)"
    return None
