"""Signs of SQL injection that need no judge: pieces of statements, and what only attacks name."""

from __future__ import annotations

from vedette_guard.decisions.attacks.sign import SQLI, Sign
from vedette_guard.decisions.attacks.sqlwords import COMMON, FUNCTIONS

CALLS = (
    "abs|acos|ascii|asin|atan|avg|benchmark|bin|cast|ceil|char|charindex|chr|coalesce|compress|concat|concat_ws|conv|convert"
    "|cos|cot|count|crc32|current_user|database|date_add|date_format|db_name|decode|default|elt|encode|encrypt|exp"
    "|extractvalue|find_in_set|floor|format|group_concat|hex|host_name|if|ifnull|insert|instr|isnull|json_extract|lcase|left"
    "|length|ln|load_file|local|locate|log|lower|lpad|ltrim|make_set|max|md5|mid|min|mod|name_const|now|nullif|oct|ord"
    "|password|pg_sleep|pi|position|pow|quarter|quote|rand|repeat|replace|reverse|right|round|rpad|rtrim|schema|sha1|sign"
    "|sin|sleep|soundex|space|sqrt|starts_with|str_to_date|strcmp|substr|substring|substring_index|sum|sysdate|tan|time"
    "|to_char|trim|truncate|ucase|uncompress|unhex|unistr|updatexml|upper|user|uuid|version|xmltype|overlay|div|function|lo_import|lo_get"
)

_ALL_CALLS = "|".join(sorted(FUNCTIONS | COMMON, key=len, reverse=True)) + "|" + CALLS

SQL = (
    Sign(
        SQLI,
        5,
        "a function's start",
        rf"^(?=[^(]{{0,60}}\()\s*(?:{_ALL_CALLS}|in|exists|default|any|all|some|values?)[\s)(/?|&.>$*\\=]{{0,6}}\(\s*$",
        short=True,
    ),
    Sign(SQLI, 5, "sleeping", r"(?<!\w\.)\bsleep\s*\((?:[\s\d\"'.+*/%()-]|div|\.to_i)*\)", short=True),
    Sign(
        SQLI,
        5,
        "a piece of a query",
        r"^(?:[)`;!'\"\s\d.]{0,12}|\w{1,4}\s)\bas\s+[\"'`]?\w*[\"'`]?\s+from\b",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a piece of a query",
        r"^[\s('\"`;,]*(?:(?:union(?:\s+all)?\s+)?select\s+(?:char|chr|group_concat|concat|load_file|user|version|pg_sleep)\b|from\s*\(|from\s*`\w+`(?:\.|\s*(?:$|where|limit|order|group|,))|like\s*\(|having\s+\d)",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a statement",
        r"(?:^|[;'\"/)])\s*(?:create\s+table\b|drop\s+(?:table|database|view|index|user)\s+(?:if\s|\w+_|[\w.`]+\s*(?:;|--|#))|insert\s+into\s+[\w.`]+\s*(?:\(|values|select)|delete\s+from\s+[\w.`]+\s*(?:;|where)|truncate\s+table\b|alter\s+table\b|update\s+\w+\s+set\b)",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a statement",
        r"^[\s/]*;\s*(?:alter|drop|truncate|insert\s+into|update\s+\w+|set\s+@|select|shutdown|exec|merge|rename)\b|;\s*truncate\[|^\s*--\s*(?:alter|drop|select)\b|\bset\s+@[a-z_]{3,}",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "an operator of MongoDB",
        r"\[\$(?:eq|ne|gte?|lte?|n?in|regex|where|exists|not|nor|or|and|text|type|mod|all|size|elemmatch)\]|^\$(?:eq|ne|gte?|lte?|nin|regex|where|exists|nor|text|elemmatch|expr)$|\bthis\.\w+/|\|\|this\.",
    ),
    Sign(
        SQLI,
        5,
        "what only databases have",
        r"(?<![\w-])(?:xp_[a-z]\w+|sp_[a-z]\w+|open(?:rowset|query|datasource)|dbms_\w+|utl_(?:file|http|smtp|tcp|inaddr)|dba_users|sql_(?:variant|longvarchar)|nvarchar|autonomous_transaction|tbcreator|msys(?:aces|objects|queries)|pg_(?:toast|catalog|shadow)|sysdatabases|sqlite_(?:temp_)?master)\b(?!-)|'(?:dbo|sqloledb|msdasql)'",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a cast",
        r"[\w)'\"\]]\s?::\s*(?:int|text|bool|bigint|jsonb?|double\s+precision|varchar|regclass)\b",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "an expression of numbers and strings",
        r"^\s*['\"`]?[\w.]+['\"`]\s*(?:!=|<>|[=<>]|not\s+regexp|regexp|like)\s*['\"`][\w.]+['\"`]?$|^\s*\d+\s*(?:!=|<>|<=>)\s*\d+$",
        short=True,
    ),
    Sign(SQLI, 5, "numbers that hide a function", r"\b\d\.e(?:\(|\.\w|\s*\()|1\.e\("),
    Sign(
        SQLI,
        5,
        "a condition's start",
        r"^\s*(?:(?:and|or|xor)\s+[\w.]+\s*(?:[=!<>]=?(?!==|\w+>)(?=\s*[\w'\"`@(])|\|\|)|(?:and|or|xor)\s+[\w.]+[=!<>]{1,2}\s*$|&&\s*\(?[\w\s]*[!=]=|\|\|\s*\(?[\w\s]*={1,3}|['\"]?\s*x?or\s*\d+\s*[<>=])",
        short=True,
    ),
    Sign(
        SQLI, 5, "a name in quotes", r"^\s*[\"'`]\s*[!)]*\s*[\"'`]?\s*(?:x?or|and)\s+\w+\s*[!<>=]", short=True
    ),
    Sign(
        SQLI,
        5,
        "a piece of a condition",
        r"^\s*(?:(?:is|like)\s+(?:not\s+)?null|in\s*\((?:[\s\d,'\"-]|\w+)+\)|\)\s*like\s*\(|\)\s*when\s+\d+\s+then|if\s*\(\d+=|div\s*\(\d+|from\s+\S+\s+(?:group|order)\s+by\s.*|\(\s*select|execute\s*\()\s*$",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a name of tables",
        r"^\s*(?:msdb|tempdb|schema_name|table_name|column_name|information_schema|pg_catalog|sysdatabases|openrowset)\s*$",
        short=True,
    ),
    Sign(SQLI, 5, "an update", r"\bupdate\s+[\w.`\[\]]+\s+set\s+[\w.`\[\]]+\s*="),
    Sign(
        SQLI,
        5,
        "a piece of a query",
        r"(?:[)!'\"`\d]\s*as\s+\w*|\bas\s*[\"'`]\s*\w*[\"'`]?)\s+from\s*$|^\s*(?:order|group)\s+by\s*$",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a word behind a quote",
        r"^['`]\s*(?:alter|union)\b[^'`]*$|^\\+[\"'`]\s*(?:\d+\s+)?(?:or|and|xor)\b|^[\"'`]\s*\d+\s+x?or\s+\d",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "an operator of JSON",
        r"[}\]]'\s*(?:\?[|&]?|@>|@[?@])\s*(?:array\s*\[|')|\b(?:jsonb?_\w+|isjson)\s*\(\s*'\s*[\[{]",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a comment in a condition",
        r"\b(?:or|and|xor)\s*/\*[^*]{0,60}\*/\s*\w|['\"`]\s*x?(?:or|and)\s*\([^()]{0,60}\)\s*(?:--|#)|[a-z]/\*[^*]{0,40}\*/[a-z]+/\*[^*]{0,40}\*/[a-z]",
        short=True,
    ),
    Sign(SQLI, 5, "a variable that is set", r"\bset\s+@\w+\s*:?=|;\s*set\s+@"),
    Sign(SQLI, 5, "a condition's start", r"^\s*(?:&&|\|\|)\s*\(*\s*[\w\s]*[!=<>]", short=True),
    Sign(SQLI, 5, "an operator alone", r"^\s*(?:!=|<>|<=>|&&|\|\||<<|>>|xor|rlike|regexp)\s*$", short=True),
    Sign(
        SQLI,
        5,
        "an expression of numbers and strings",
        r"^\s*['\"]?\w+['\"]?\s*(?:<>|<=>|\b(?:(?:not\s+)?(?:rlike|regexp|glob|sounds\s+like)|not\s+like|not\s+between)\b)\s*['\"]?\w+['\"]?$|^[^\"'`]*[\"'`]\s*\d*\s*[=<>*|&^%]+\W{0,3}\d+\W{0,2}$",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a piece of a query",
        r"\bexists\s*\(\s*select|\bhaving\s+[\w'\"]+\s*[=<>]|\border\s+by\s+\d|(?<!\.)\bexecute\s*\(|\bcreate\s+(?:function|procedure)\s+\w+",
        short=True,
    ),
    Sign(
        SQLI,
        5,
        "a condition's start",
        r"(?:^|['`])\s*x?or\s+['\"]?\w+['\"]?\s*[!<>=]+\s*['\"`\w@(]|[\d)]\s*x?or\s+['\"]?\d\w*['\"]?\s*[!<>=]",
        short=True,
    ),
)
