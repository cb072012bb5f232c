"""Whether a value is an attempt to inject SQL: a judge over the fingerprints of `sqltokens`.

A value that is between quotes in a statement has to leave them, to go on in a way that a database can parse, and to end so
that what stands behind it does no harm: by a comment, or by a string that the last quote ends. English hardly does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vedette_guard.decisions.attacks.judged import NOTHING, SURE, Judged
from vedette_guard.decisions.attacks.prose import without_quoted
from vedette_guard.decisions.attacks.sqltokens import Cut, cut

QUOTES = ("'", '"')
SHORT, LINES = 200, 4  # code and prose that are longer have comments of their own


_SIGN = r"[o!(]*"
_NAME = r"[nsvwWG]"
_CALL = r"[fFm]\([^c;]*\)"
_OPERAND = rf"{_SIGN}(?:{_NAME}W?|{_CALL})(?:tw)?\)*"
_JOIN = r"[o=iL&!t]+"
_CHAIN = rf"{_OPERAND}(?:{_JOIN}{_OPERAND})*"
_END = rf"(?:{_JOIN}\(*q|[!i]*(?:c|;(?:$|[cTEX])))"

# Rules about a value that left its quotes: the fingerprint begins with the string before.
_BROKEN = [
    (rf"s+\)*[L&]{_CHAIN}(?:B|{_END})", "a condition behind a quote"),
    (rf"s+\)*[L&]{_SIGN}[nsv]\)*(?:o{_SIGN}[nsv]\)*)*[=i]", "a comparison behind a quote"),
    (rf"s+\)*[L&]{_SIGN}[wW]=(?:{_OPERAND})?(?:$|[L&])", "a comparison behind a quote"),
    (rf"s+\)*[L&o=i]+{_SIGN}(?:[fFm]\((?:[^wW?]|$)|E|C[nsvwW(]|k\(E)", "a call behind a quote"),
    (rf"s+\)*[o=&]{{1,2}}!*{_CHAIN}{_END}", "an expression behind a quote"),
    (rf"s+\)*!*i!*{_CHAIN}{_END}", "an expression behind a quote"),
    (r"s+\)*;+(?:[TEXkc]|$)", "a statement behind a quote"),
    (r"s+\)*(?:U[k(]*(?:E|\()|U(?:o?$|c))", "a union behind a quote"),
    (r"s+\)*B[(o]*(?:[nsvfFmq(]|[wW](?:[,.;c=]|$))", "a clause behind a quote"),
    (rf"s+\)*,{_CHAIN}(?:,{_CHAIN})*(?:,?\(|{_END})", "a row behind a quote"),
    (r"s+\)*[TX](?:(?!ww)[^?]){0,9}(?:v|F\(|;[TXEw])", "a statement behind a quote"),
]
# Between single quotes words do as operators; between double quotes they are a phrase that somebody searches.
_SINGLE = [
    (r"s+\)*[o=i&L!]+\(*q", "an operator between quotes"),
    (r"s+\)*[L&][nv]\)*(?:$|;)", "a condition behind a quote"),
]
_DOUBLE = [(r"s+\)*(?:[=&]+|L[o!=(]+)\(*q", "an operator between quotes")]
# Rules about a value that stands without quotes.
_FIRST = rf"{_SIGN}(?:{_NAME}\)*|{_CALL}\)*)?"
_BARE = [
    (rf"{_SIGN}(?:[nsv]|{_CALL})\)*(?:{_JOIN}{_OPERAND})*[L&]{_CHAIN}\)*[c;]", "a condition"),
    (rf"{_FIRST}[L&]{_SIGN}[wW]\)*={_OPERAND}(?:[c;]|[L&])", "a condition"),
    (
        rf"(?:{_FIRST}[L&]|(?:{_SIGN}(?:[nsv]\)*|{_CALL}\)*))?=|{_SIGN}[nsv)]o)[o=L&!(]*(?:[fF]\(|\(E|v|m\((?:[nsvfFm()E*o]|$))",
        "a call in a condition",
    ),
    (rf"{_SIGN}[wW]\)*=[o=L&!(]*(?:[fF]\(|\(E|v)", "a call in a comparison"),
    (r"\((?=[^c]*[LfFvE&o(])[nsvfFmE()oiL&!=,kB]+c$", "an expression and a comment"),
    (rf"{_SIGN}(?:[nsv]|{_CALL})\)*[L&]{_OPERAND}B", "a condition"),
    (
        rf"[L&]{_SIGN}(?:[nsvG]|{_CALL})\)*=|[L&]{_SIGN}[wW]\)*=+[o!(]*[^=w.?]|[L&]{_SIGN}s(?:[t=]|[?o=&]+[sk])",
        "half a condition",
    ),
    (rf"{_SIGN}n\)*(?:,n)*B[(o]*(?:[nsvfFm(]|[wW](?:[,.;c=B]|$))", "a clause"),
    (rf"{_FIRST}B[(o]+(?:[nsvfFm]|[wW][L=])", "a clause"),
    (
        r"[o!(]*[nvws]?\)*;+(?:T(?:[kvfFmnsc(;]|[wW](?:[.;c=(,oBq]|$|k))|(?<!w;)T$|X[vWs(]|E[nsvfFm(o])",
        "a statement of its own",
    ),
    (r"[o!(]*f\([^w?]*[fm]\([^w?]*\)", "functions in functions"),
    (r"\(*Ek*[o(!]*(?:[vs]|[fFm]\(|n(?:,|k[wWG](?:$|[kc;B.])))", "a query"),
    (r"\(*Ek*[o(!]*(?:W,?.*|[wW],(?:[^?w]|w(?!w))*)k[wWG]", "a query"),
    (r"X(?:v|\(v|\(?s)|Xw\.|[TE][kwW]{1,3};c", "a statement"),
    (r"[o!(]*[nv](?:o[nv])*\)*c", "a comment behind a number"),
    (r"\(*Eo?k[wWG](?:$|[kcB;])", "a query"),
    (r"k\((?:s|n),(?:s|n|f)", "values"),
    (r"s=[sq]", "a comparison of strings"),
]
# Rules about any place.
_ANYWHERE = [
    (r"U[(k!]*E[!(k]*(?:[nsvo(fFmqGW]|w(?:[,).]|k[WG]|kw(?:$|[;c.,)BLk]))|$)", "union select"),
    (r"^UE[wW]k$", "a piece of a query"),
    (r"^[o!(]*[nsv]\)*U(?:$|[ck(]|E)", "union behind a value"),
    (r"F\(|D[sqvn(cwWFT]|D$", "what only attacks call"),
    (r"\(E[(!ko]*(?:[nsvfFmq]|[wW][,.o]|W|wk[wWG](?:$|[)kcB;,.]))", "a sub-select"),
    (
        rf"[L&]{_SIGN}[nsv]\)*(?:o{_SIGN}[nsv]\)*)*(?:=|!?i){_SIGN}(?:[nsvq]|[fFm]\()",
        "a comparison of constants",
    ),
    (r"[=oL&]\(+E", "a sub-select"),
    (r"kG", "a table of tables"),
    (r"CZ|C[!(]*[nsvfFm][^w]{0,6}Z", "a case"),
    (r"X\(?v", "a statement that runs another"),
]


@dataclass(frozen=True)
class _Rules:
    """Rules in their order; `any_` fits where one of them does, and saves the time of asking each."""

    rules: tuple[tuple[re.Pattern[str], str], ...]
    any_: re.Pattern[str]


def _compiled(rules: list[tuple[str, str]]) -> _Rules:
    each = tuple((re.compile(rule), why) for rule, why in rules)
    return _Rules(each, re.compile("|".join(f"(?:{rule})" for rule, _ in rules)))


# Rules about a value that has comments between its words: nobody writes so.
_HIDDEN = [(r"\(*[TEUX][kwW]*[wWnsv(*]|[nsv]\)*(?:[L&][nsv]|U|E)", "words with comments between them")]
BARE, ANYWHERE, HIDDEN = _compiled(_BARE), _compiled(_ANYWHERE), _compiled(_HIDDEN)
BROKEN = _compiled(_BROKEN)
# What behind a quote is enough in prose and code too, which have quotes of their own.
BROKEN_LONG = _compiled(
    [rule for rule in _BROKEN if rule[1] in ("a union behind a quote", "a comparison behind a quote")]
)
STRINGS_ONLY = frozenset("so=q&(),")  # a list of operators in quotes, as documentation has it
BETWEEN = {"'": _compiled(_SINGLE), '"': _compiled(_DOUBLE)}
_END_OF_STATEMENT = re.compile(r"--(?:[\s+]*[-\w']{0,3}\W*)?\Z|/\*|;?\x00", re.DOTALL)


def judge(text: str) -> Judged:
    """Return how sure it is that a value injects SQL, by the first rule that fits."""
    found = _judge_bare(text) or next(
        (found for quote in QUOTES if (found := _judge_broken(text, quote))), None
    )
    if found is None and (
        "\\'" in text or '\\"' in text
    ):  # a quote that an application escapes once too often
        plain = text.replace("\\'", "'").replace('\\"', '"')
        found = next((found for quote in QUOTES if (found := _judge_broken(plain, quote))), None)
    return found or NOTHING


def _judge_bare(text: str) -> Judged | None:
    bare = cut(text)
    found = _first(BARE, bare, anchored=True) or _first(ANYWHERE, bare, anchored=False)
    if found is not None and found.why.startswith("a comment"):
        return found if _END_OF_STATEMENT.match(bare.texts[-1]) else None
    return found or (_first(HIDDEN, bare, anchored=True) if bare.hidden and len(text) < SHORT else None)


def _judge_broken(text: str, quote: str) -> Judged | None:
    text = without_quoted(text)
    if quote not in text:
        return None
    broken = cut(text, quote)
    if len(text) >= SHORT or text.count("\n") >= LINES:
        return _first(BROKEN_LONG, broken, anchored=True) or _first(ANYWHERE, broken, anchored=False)
    found = _first(BETWEEN[quote], broken, anchored=True)
    if found is None and not (quote == '"' and STRINGS_ONLY.issuperset(broken.letters)):
        found = _first(BROKEN, broken, anchored=True)
    return found or _first(ANYWHERE, broken, anchored=False) or _commented(broken, quote)


def _commented(broken: Cut, quote: str) -> Judged | None:
    """Judge a quote behind which a comment hides the rest of the statement; many a phrase has a dash behind a quote."""
    if not re.fullmatch(r"s+\)*,?c", broken.letters):
        return None
    comment = broken.texts[-1]
    if _END_OF_STATEMENT.match(comment) or (quote == "'" and comment.strip() == "#"):
        return Judged(SURE, f"a comment behind a quote ({broken.letters})")
    return None


def _first(rules: _Rules, made: Cut, *, anchored: bool) -> Judged | None:
    if not (rules.any_.match(made.letters) if anchored else rules.any_.search(made.letters)):
        return None
    for rule, why in rules.rules:
        if rule.match(made.letters) if anchored else rule.search(made.letters):
            return Judged(SURE, f"{why} ({made.letters[:16]})")
    return None
