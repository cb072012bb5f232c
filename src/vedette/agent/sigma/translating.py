"""What pySigma read as our own tests. Imported by `loading` alone, when a rule is loaded: pySigma is an extra."""

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.rule import SigmaRule as Parsed
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from vedette.agent.sigma.tree import (
    TEXT,
    All,
    Any,
    Compare,
    Exists,
    Flag,
    Network,
    Not,
    Null,
    Number,
    Pattern,
    Piece,
    Same,
    Test,
    Text,
    Wild,
)

_WILDS = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}
_SIGNS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_EXPAND = "It asks for `expand`: a placeholder's values are a pipeline's to know; write them into the rule."


def tested(rule: Parsed) -> Test:
    """Return the test of a rule. Raise ValueError with a sentence for what we do not evaluate."""
    found = tuple(_condition(condition.parsed) for condition in rule.detection.parsed_condition)
    if not found:
        raise ValueError("It has no condition.")
    return found[0] if len(found) == 1 else Any(found)


def _condition(item: object) -> Test:
    match item:
        case ConditionAND():
            return All(_parts(item))
        case ConditionOR():
            return Any(_parts(item))
        case ConditionNOT():
            return Not(_parts(item)[0])
        case ConditionFieldEqualsValueExpression():
            return _value(item.field or TEXT, item.value)
        case ConditionValueExpression():
            return _value(TEXT, item.value)
    raise ValueError("Its condition says nothing.")


def _parts(item: ConditionItem) -> tuple[Test, ...]:
    found = tuple(_condition(part) for part in item.args)
    if not found:
        raise ValueError("Its condition says nothing.")
    return found


def _value(field: str, value: SigmaType) -> Test:  # noqa: C901, PLR0911 - one line for each kind of value
    match value:
        case SigmaExpansion():
            return Any(tuple(_value(field, one) for one in value.values))
        case SigmaString():
            return _text(field, value)
        case SigmaTimestampPart():
            raise ValueError(
                "It asks for a part of an instant (`minute`, `hour` …), which logs do not tell apart."
            )
        case SigmaNumber():
            return Number(field, float(value.number))
        case SigmaRegularExpression():
            return _pattern(field, value)
    if field == TEXT:
        raise ValueError(f"A keyword cannot be of this kind ({type(value).__name__}).")
    match value:
        case SigmaBool():
            return Flag(field, value.boolean)
        case SigmaNull():
            return Null(field)
        case SigmaExists():
            return Exists(field, value.exists)
        case SigmaCIDRExpression():
            return Network(field, str(value.network))
        case SigmaCompareExpression() if value.op.name in _SIGNS:
            return Compare(field, _SIGNS[value.op.name], float(value.number.number))
        case SigmaFieldReference():
            return Same(field, value.field, begins=value.starts_with, ends=value.ends_with)
    raise ValueError(f"It holds a value of a kind that is not evaluated ({type(value).__name__}).")


def _text(field: str, value: SigmaString) -> Text:
    pieces: list[Piece] = []
    for part in value.s:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, SpecialChars):
            pieces.append(_WILDS[part])
        else:
            raise ValueError(_EXPAND)  # noqa: TRY004 - every refusal is a ValueError
    if field == TEXT and not any(isinstance(piece, str) and piece for piece in pieces):
        raise ValueError("A keyword is empty: it would be in every line.")
    return Text(field, tuple(pieces), isinstance(value, SigmaCasedString))


def _pattern(field: str, value: SigmaRegularExpression) -> Pattern:
    if value.contains_placeholder():
        raise ValueError(_EXPAND)
    flags = "".join(sorted(_FLAGS[flag] for flag in value.flags))
    return Pattern(field, value.regexp.to_plain_regex(), flags)
