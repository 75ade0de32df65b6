"""English abbreviations by what follows them, to tell their dots from full stops. Lower case, no last dot."""

from __future__ import annotations

# fmt: off
BEFORE_NUMBERS = frozenset({
    "app", "approx", "apr", "art", "arts", "aug", "c", "cap", "caps", "ch", "chs", "cl", "cls", "dec", "ed", "ext",
    "feb", "fig", "figs", "g.n", "jan", "jul", "jun", "l.n", "ln", "mar", "no", "nos", "nov", "oct", "p", "para",
    "paras", "pp", "pt", "pts", "r", "ref", "reg", "regs", "rr", "s", "sch", "sec", "secs", "sect", "sep", "sept",
    "ss", "tel", "vol", "vols",
})
"""No full stop where a number follows: `No. 5`, `Cap. 656`, `Nov. 4`."""
BEFORE_WORDS = frozenset({
    "al", "capt", "cf", "col", "dr", "e.g", "eg", "esp", "gen", "gov", "hon", "i.e", "ie", "incl", "infra", "lt",
    "messrs", "mr", "mrs", "ms", "mt", "prof", "rep", "resp", "rev", "sen", "sir", "st", "supra", "v", "viz", "vs",
})
"""Never a full stop: something always follows."""
AFTER_NAMES = frozenset({
    "assn", "bhd", "bros", "co", "corp", "dept", "esq", "est", "govt", "inc", "intl", "jr", "ll.b", "ll.m", "ltd",
    "ph.d", "pte", "pty", "sdn", "sr", "univ",
})
"""A full stop only where the next word is one that sentences begin with."""
STARTERS = frozenset({
    "a", "after", "all", "although", "an", "and", "any", "as", "at", "because", "before", "between", "both", "but",
    "by", "companies", "despite", "during", "each", "either", "every", "few", "firms", "first", "for", "from",
    "had", "has", "he", "her", "his", "how", "however", "i", "if", "in", "investors", "is", "issuers", "it", "its",
    "last", "later", "licensed", "many", "may", "meanwhile", "moreover", "most", "neither", "no", "none", "not",
    "nothing", "now", "of", "on", "once", "one", "only", "operators", "or", "other", "our", "persons", "platforms",
    "retail", "she", "since", "so", "some", "such", "that", "the", "their", "then", "there", "therefore", "these",
    "they", "this", "those", "though", "three", "thus", "to", "today", "two", "under", "unless", "until", "we",
    "were", "what", "when", "where", "whether", "which", "while", "who", "why", "with", "within", "yes", "you",
    "your",
})
"""Words that sentences begin with, and that names hardly ever go on with."""
# fmt: on
