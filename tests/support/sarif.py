"""The structure of SARIF 2.1.0 (OASIS Standard, section 3), as far as we write it: what must be there, and what may be.

Properties that the standard does not name are refused, as its own schema refuses them.
"""

from jsonschema import Draft202012Validator, FormatChecker

_TEXT = {"type": "string", "minLength": 1}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def _object(required: str, **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def _many(of: object, **more: object) -> dict[str, object]:
    return {"type": "array", "items": of, **more}


_MESSAGE = _object("text", text=_TEXT, markdown=_TEXT)  # 3.11
_ARTIFACT = _object(
    "uri", uri={"type": "string", "format": "uri-reference", "pattern": r"^[!-~]+$"}, uriBaseId=_TEXT
)  # 3.4
_PHYSICAL = _object(  # 3.29, 3.30
    "artifactLocation",
    artifactLocation=_ARTIFACT,
    region=_object("startLine", startLine={"type": "integer", "minimum": 1}),
)
_LOCATION = _object(
    "physicalLocation",
    physicalLocation=_PHYSICAL,
    logicalLocations=_many(_object("", fullyQualifiedName=_TEXT)),
)  # 3.28
_RULE = _object(  # 3.49
    "id", id=_TEXT, shortDescription=_MESSAGE, fullDescription=_MESSAGE, help=_MESSAGE,
    defaultConfiguration=_object("", level=_LEVEL),
    properties={"type": "object", "properties": {"tags": _many(_TEXT, uniqueItems=True), "security-severity": {"pattern": r"^\d+\.\d$"}}},
)  # fmt: skip
_RESULT = _object(  # 3.27
    "message ruleId level locations partialFingerprints", ruleId=_TEXT, ruleIndex={"type": "integer", "minimum": 0}, level=_LEVEL, message=_MESSAGE,
    locations=_many(_LOCATION, minItems=1, maxItems=10),
    partialFingerprints={"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
    suppressions=_many(_object("kind", kind={"enum": ["inSource", "external"]}, status={"enum": ["accepted", "underReview", "rejected"]}, justification={"type": "string"}), uniqueItems=True),
)  # fmt: skip
_INSTANT = {"type": "string", "format": "date-time", "pattern": "Z$"}
_INVOCATION = _object(  # 3.20
    "executionSuccessful", executionSuccessful={"type": "boolean"}, exitCode={"type": "integer"}, startTimeUtc=_INSTANT, endTimeUtc=_INSTANT,
    toolExecutionNotifications=_many(_object("message", level=_LEVEL, descriptor=_object("id", id=_TEXT), message=_MESSAGE)),
)  # fmt: skip
_RUN = _object(  # 3.14
    "tool results", tool=_object("driver", driver=_object("name", name=_TEXT, version=_TEXT, rules=_many(_RULE, uniqueItems=True))),
    results=_many(_RESULT), invocations=_many(_INVOCATION), automationDetails=_object("", id=_TEXT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
)  # fmt: skip
_LOG = _object(
    "version runs",
    version={"const": "2.1.0"},
    runs=_many(_RUN),
    **{"$schema": {"type": "string", "format": "uri"}},
)  # 3.13
_VALIDATOR = Draft202012Validator(_LOG, format_checker=FormatChecker())


def wrong(log: object) -> list[str]:
    """Return what is not as the standard wants it, with where."""
    told = [f"{error.json_path}: {error.message}" for error in _VALIDATOR.iter_errors(log)]
    if told or not isinstance(log, dict):
        return told
    return [each for run in log["runs"] for each in _unlike(run)]


def _unlike(run: dict) -> list[str]:
    """Return results that do not point at their rule (3.27.6), and rules of one id."""
    rules = [rule["id"] for rule in run["tool"]["driver"].get("rules", ())]
    lost = [each["ruleId"] for each in run["results"] if rules[each["ruleIndex"]] != each["ruleId"]]
    return [*lost, *({each for each in rules if rules.count(each) > 1})]
