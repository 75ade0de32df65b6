"""Text that speaks to the machine that reads it. Pure.

A record that tells a model what to do is no record: it is not shown to one. What is looked for is the form of such
orders (forget what you were told, play a part, show your prompt, mark up a turn), in both languages, after folding and
after look-alike letters are read as what they look like. An order in other words gets through; then the checks of the
answer are what stands in its way.
"""

from __future__ import annotations

import re

from knowledge.words import fold

_LOOK_ALIKES = str.maketrans("аеорсухіѕјԁоυνακѵ", "aeopcyxisjdouvakv")
_LEET = str.maketrans("0134", "oiea")
_BEFORE = r"(?:all |any |the |these |those |your |of |everything |what |my |our )*"
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|do not follow)\b.{0,20}?"
    rf"{_BEFORE}(?:previous|prior|above|earlier|preceding|other|system|instructions?|rules? (?:above|you)|prompts?"
    r"|told)\b"
    r"|\b(?:you are|you're) (?:now|no longer) |\bact as (?:an?|the|if)\b|\bpretend (?:to be|that you|you)\b"
    r"|\brole ?-?play\b|\bas an? (?:ai|language model|assistant)\b|\b(?:developer|god|jailbreak|dan) mode\b"
    r"|\b(?:ai|language) model\b.{0,40}\b(?:must|should|shall)\b"
    r"|\bnew (?:system )?instructions?\b|\bsystem (?:prompt|message|override)\b"
    r"|\b(?:reveal|print|repeat|show|output|leak|translate)\b.{0,40}\b(?:prompt|instructions|rules you|words above)\b"
    r"|\b(?:note|message|instruction)s? (?:to|for) (?:the )?(?:ai|assistant|model|llm|chatbot|bot)\b"
    r"|\b(?:assistant|model|chatbot|llm|ai)[,:] (?:please |you |now |do |say |answer |write |reply |respond )"
    r"|\b(?:answer|reply|respond|say) (?:only |always )?(?:with|that|exactly)\b.{0,60}\b(?:question|user|asked)\b"
    r"|^\s*(?:system|assistant|developer|human|user)\s*[:>]|<\|?(?:im_start|im_end|system|endoftext)|\[/?inst\]|</?record"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|不要遵守|唔好理|绕过).{0,12}(?:指示|指令|提示|规则|要求|设定|内容|之前|以上|上文)"
    r"|你(?:现在|而家|不再)(?:是|系|不是|唔系|扮演)|(?:扮演|假装|假扮).{0,16}(?:角色|律师|官员|助手|没有|不受|证监会|专家)"
    r"|(?:系统|开发者)(?:提示|指令|指示|讯息|信息|消息|模式)|(?:显示|输出|重复|透露|泄露|打印|复述).{0,12}(?:提示|指令|指示)"
    r"|(?:致|给|通知)(?:所有)?(?:人工智能|ai|助手|模型|机械人|机器人)|作为(?:一个)?(?:ai|人工智能|语言模型)"
    r"|(?:人工智能|ai|助手|模型)(?:必须|应当|请|须)(?:回答|回复|说|忽略|声称)",
    re.MULTILINE,
)


def instructs(text: str) -> bool:
    """Whether the text gives orders to a model."""
    folded = fold(text).translate(_LOOK_ALIKES)
    return _ORDERS.search(folded) is not None or _ORDERS.search(folded.translate(_LEET)) is not None
