"""Checks of templates and scripts, line by line: light, without a parser. Minified lines are passed over."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

LONGEST = 500
_TEMPLATES = frozenset({".html", ".htm", ".jinja", ".jinja2", ".j2", ".djhtml", ".txt.j2", ".tpl"})
_SCRIPTS = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".vue", ".svelte"})
_OTHERS = frozenset({".php", ".ejs", ".erb"})
_Rules = tuple[tuple[str, "re.Pattern[str]"], ...]

_IN_TEMPLATES: _Rules = (
    ("html-unescaped", re.compile(r"\{\{[^}]{0,300}\|\s{0,5}safe\b")),
    ("autoescape-off", re.compile(r"\{%-?\s{0,5}autoescape\s{1,5}(?:off|false)\b")),
)
_IN_SCRIPTS: _Rules = (
    ("html-unescaped", re.compile(r"\bdangerouslySetInnerHTML\b\s{0,5}[=:]|\bv-html\s{0,5}=|\{@html\b")),
    ("html-unescaped", re.compile(r"\.(?:innerHTML|outerHTML)\s{0,5}\+?=(?!=)\s{0,5}(?![\"'][^\"'+]{0,300}[\"']\s{0,5};?\s{0,5}$)(?!null\b)\S")),
    ("html-unescaped", re.compile(r"\bdocument\.write(?:ln)?\(\s{0,5}[^\"')\s]")),
    ("eval", re.compile(r"(?<![\w.$])eval\(\s{0,5}[^\"'`)\s]|\bnew\s{1,5}Function\(\s{0,5}[^\"'`)\s]")),
    ("eval-request", re.compile(r"(?<![\w.$])eval\(\s{0,5}(?:req|request|ctx)\.")),
    ("shell", re.compile(r"(?:(?<![\w.$])|child_process\.|cp\.)(?:exec|execSync)\(\s{0,5}(?:`[^`]{0,300}\$\{|[\"'][^\"']{0,300}[\"']\s{0,5}\+)")),
    ("sql-built", re.compile(r"\.(?:query|execute|raw)\(\s{0,5}(?:`\s{0,5}(?:select|insert|update|delete)\b[^`]{0,500}\$\{|[\"'](?:select|insert|update|delete)\b[^\"']{0,500}[\"']\s{0,5}\+)", re.IGNORECASE)),
    ("tls-unverified", re.compile(r"\brejectUnauthorized\s{0,5}[:=]\s{0,5}false\b|NODE_TLS_REJECT_UNAUTHORIZED[\"'\]]{0,2}\s{0,5}=\s{0,5}[\"']?0")),
    ("cors-all", re.compile(r"Access-Control-Allow-Origin[\"']\s{0,5},\s{0,5}[\"']\*|\borigin\s{0,5}:\s{0,5}[\"']\*[\"']")),
    ("open-redirect", re.compile(r"\b(?:res|response|reply)\.redirect\(\s{0,5}(?:req|request)\.(?:query|params|body)\b")),
    ("weak-password-hash", re.compile(r"createHash\(\s{0,5}[\"'](?:md5|sha1|sha256)[\"']\s{0,5}\)\.update\(\s{0,5}\w{0,30}passw", re.IGNORECASE)),
)  # fmt: skip
_IN_OTHERS: _Rules = (
    ("html-unescaped", re.compile(r"\{!!.{0,300}!!\}|<%-\s|<%=\s{0,5}raw\b|\.html_safe\b")),
)
_BY_SUFFIX: Mapping[str, _Rules] = {
    **dict.fromkeys(_TEMPLATES, _IN_TEMPLATES), **dict.fromkeys(_SCRIPTS, _IN_SCRIPTS), **dict.fromkeys(_OTHERS, _IN_OTHERS),
}  # fmt: skip


def reads(path: str) -> bool:
    """Whether there are checks for a file of that name."""
    return PurePosixPath(path).suffix.lower() in _BY_SUFFIX and not path.endswith((".min.js", ".min.mjs"))


def spots(source: bytes, path: str) -> list[tuple[str, int]]:
    """Return the ids of checks and lines where they hold."""
    rules = _BY_SUFFIX.get(PurePosixPath(path).suffix.lower(), ())
    found: list[tuple[str, int]] = []
    for number, line in enumerate(source.decode("utf-8", "replace").splitlines(), 1):
        if len(line) <= LONGEST and not line.lstrip().startswith(("//", "*", "{#")):
            said = dict.fromkeys(check for check, pattern in rules if pattern.search(line))
            found += [(check, number) for check in said if not (check == "eval" and "eval-request" in said)]
    return found
