"""Which families a value may be of, by patterns that take next to no time: what passes none is not looked at further.

Read alike by hyperscan and RE2: no look-around, no `\\b`, few repetitions. `START` is the start of a value, which is told by
a `=`; line breaks in values are `\\r` here. Families of the pure kind: `DECODE` is no attack, but an encoding in which one
may hide.
"""

from __future__ import annotations

import re

from vedette_guard.decisions.attacks.shellsigns import ENGLISH, NAMES
from vedette_guard.decisions.attacks.sign import RCE, SQLI, SSRF, TRAVERSAL, XSS
from vedette_guard.decisions.attacks.sqlsigns import CALLS

DECODE = "decode"

START = "="


def _plain(names: str) -> str:
    """Return alternatives as plain words: up to what is a pattern in them."""
    return "|".join(sorted({re.match(r"[\w-]*", name)[0] for name in names.split("|")} - {""}))  # type: ignore[index]


_COMMANDS, _ENGLISH = _plain(NAMES), _plain(ENGLISH)
_BEHIND_QUOTES = (
    "or|and|xor|union|having|order|group|limit|like|rlike|ilike|regexp|div|mod|is|in|not|between|sounds|collate|into"
    "|procedure|exec|declare|select|begin|goto|waitfor|if|escape|glob|match|alter"
)
_TELLING = (
    "benchmark|sleep|load_file|extractvalue|updatexml|group_concat|concat_ws|substring_index|openrowset|opendatasource"
    "|randomblob|json_keys|load_extension|name_const|make_set|unhex|aes_decrypt|json_build_object|jsonb_pretty"
)
_STATEMENTS = (
    "drop|alter|insert|delete|update|set|select|create|truncate|declare|exec|if|shutdown|merge|waitfor|rename"
)

GATES: tuple[tuple[str, str], ...] = (
    (SQLI, r"['\"`][\s)]{0,9}(?:[;=<>|&*/%!~^+#-]|,\s?[\d('\"])"),
    (SQLI, rf"['\"`][\s)]{{0,9}}(?:{_BEHIND_QUOTES})(?:[^a-z]|$)"),
    (SQLI, r"(?:select|union|having|waitfor|execute|exec|declare|procedure|intersect|outfile|dumpfile)[^a-z]"),
    (SQLI, r"(?:order|group)\s+by\s"),
    (SQLI, r"[^a-z](?:or|and|xor)[\s(!~+'\"@-]+[\w.@'\"]{1,30}[\s'\")]*[=<>!(]"),
    (SQLI, r"[\d)]\s?(?:or|and|xor|div)[^a-z]"),
    (SQLI, r"\($|=\s*(?:!=|<>|<<|>>|xor|rlike|regexp)|not\s(?:like|rlike|regexp|glob|between)|having\s|exists\s?\("),
    (SQLI, r"dbms_|utl_|dba_users|sql_variant|sql_longvarchar|nvarchar|autonomous_t|tbcreator|msys|pg_toast|'dbo'|'sqloledb'|'msdasql'|openquery"),
    (SQLI, rf"&&|\|\||{START}(?:or|and|xor)[^a-z]"),
    (SQLI, rf"{START}[-+~!(\s]*(?:{CALLS}|in|function)[^\w(]{{0,5}}\("),
    (SQLI, r"--[\s+;#-]*$|/\*|\*/|[\[{\"=]\$(?:eq|ne|gt|lt|in|nin|regex|where|exists|not|nor|or|and|text|type|all|size|elem|expr)"),
    (SQLI, rf"(?:{_TELLING}|pg_\w{{1,20}}|lo_\w{{1,10}}|dbms_\w{{1,12}}\.\w{{1,30}}|utl_\w{{1,12}}\.\w{{1,20}})\s?\("),
    (SQLI, r"case\s[^\r\n]{1,40}(?:when|then)|[\d)#/]\s*union|openrowset"),
    (SQLI, rf"{START}\s*(?:is\s[a-z ]{{0,5}}null|like\snull|in\s?\(|\)\s?(?:like|when)|if\s?\(|div\s?\(|from\s|\(\s?select)"),
    (SQLI, rf"{START}(?:msdb|tempdb|\w{{2,6}}_name)"),
    (SQLI, rf";\s?(?:{_STATEMENTS})"),
    (SQLI, r"information_schema|sysobjects|syscolumns|sysusers|sqlite_|pg_shadow|pg_cat|mysql\.|xp_|sp_[a-z]|msdb|all_tables|all_users|user_tables"),
    (SQLI, r"::\s?[a-z]|\d\.e|\sas['\"`\s][^\r\n]{0,60}from|\d\s?(?:!=|<>|<=>)|update\s\w{1,40}\sset|this\."),
    (SQLI, r"(?:create|drop|truncate|alter|into|delete)\s+(?:table|database|view|from)|@old_"),
    (SQLI, r"[}\]]'\s?[?@]|jsonb?_\w{1,30}\s?\(|isjson\s?\(|--\s?(?:alter|drop|select)|[=\\]['`\"]\s*(?:\d*\s*(?:or|and|xor)|alter|union)"),
    (XSS, r"<[\s/!?a-z%]"),
    (XSS, rf"[\s\x00/\"'`;]on[a-z]+[\s\x00/]*=|{START}\s*on[a-z]+\s*="),
    (XSS, r"script\s*:|s\s?c\s?r\s?i\s?p\s?t\s*:|data:|livescript|mocha:"),
    (XSS, r"(?:document|window|top|self|parent|frames|globalthis)\s*[.\[/]"),
    (XSS, r"(?:alert|confirm|prompt|eval|atob|settimeout|setinterval|function)\s?[(`]"),
    (XSS, r"expression\s?\(|-moz-binding|-o-link|behaviou?r\s?:|@im"),
    (XSS, r"\[\s?\]|\+ad|\xc2\xbc|\xd0\xbc|xbc|\{\{|\\u00"),
    (XSS, r"fromcharcode|innerhtml|__proto__|constructor|prototype\[|xlink:|xsi:"),
    (TRAVERSAL, r"\.\.[/\\;%]|\xc0\xae|\xe0\x80\xae|%u|0x2f|\.\s?0x|[?]\.|[/\\;]\.\.|0x2e|%c0%ae|\.%|%2e"),
    (TRAVERSAL, r"(?:etc|proc|sys|tmp|dev|windows|winnt|var|root|boot|@fs)[/\\]"),
    (TRAVERSAL, r"[/=\\]\.\w|composer\.|docker-c|npm-d|phpunit|\.ini|\.bash_|\.ssh|id_[rd]sa|authorized_keys|\.ht|wp-config|web\.config|\.env|\.aws|\.git|\.docker|rc$|logs?$|\.log|\x00\."),
    (SSRF, rf"{START}\s?['\"]?(?:url:)?(?:file|local_file|gopher|ldap|dict|tftp|jar|phar|php|expect|zip|glob|ogg|rar|ssh2|netdoc|imap|pop3|smtp|rtmp|rtsp|sftp|scp|smb|telnet|svn|ftps|data)[a-z]?:"),
    (SSRF, r"169\.254|metadata\.|latest/meta|0xa9fe|100\.100\.100|fd00:ec2|jndi|:-?[jndi]\}|[(,]\s?(?:ldap|rmi):/|=(?:ldap|rmi):/"),
    (SSRF, rf"{START}\s?['\"]?(?:url=)?(?:https?|ftp)://(?:[\d\[]|localhost|[^\s?]{{0,80}}@|[^\s/]{{0,60}}\.local)"),
    (SSRF, r"\?$|=(?:https?|ftps?|file)\?|\.(?:php|phtml|asp|jsp|sh|ps1|exe|txt)"),
    (SSRF, r"_conf\[|_server\[|mosconfig|_basedir|\[docroot|appserv_|\[root_dir|globals\["),
    (SSRF, r"/(?:https?|ftp|file|gopher|ldap|dict):/"),
    # In these two, hyperscan compiles a class beside another way in a hundredth of the time that the class alone takes.
    (RCE, rf"(?:[=;|&\r{{]|[$<]\()\s?['\"/.$\\]?(?:{_COMMANDS})[\s'\"<>|;`)&\d-]"),
    (RCE, rf"(?:[=;|\r&]|[$<]\()\s?['\"/.$]?(?:{_ENGLISH})(?:[;'\"]|\s[-/~$]|\s\w+[./|])"),
    (RCE, r"[;=\"']\s?\.[a-z]|\|\s?vi\s|;\s?\$[a-z]"),
    (RCE, r"<<<|bin/|<\(|/dev/|\(\s?\)\s?\{|(?:ba|k|z|c|da|\s)sh\s-|-e\s/"),
    (RCE, r"\$[({\[@!?#*$-]|\$[a-z]|\{[^\s}]{0,40},"),
    (RCE, rf"(?:''|\"\"|``)\w|['\"]\w+['\"]\w|\?\?|/\?|\[!?\w[^\]\s]{{0,8}}\][\w/]|\w/\[|~[+-]?\d*$|{START}\s*!\d|\w\\\w"),
    (RCE, r"[%=][^\s]{1,12}\s+in\s*\(|[\w)\]\"'%!]==+[^\s=&;\"')]|[\"\])%]\s?==\s?[\"\[(]|\s(?:equ|neq|lss|leq|gtr|geq)\s|if\s+(?:/i|not|exist|defined|errorlevel)"),
    (RCE, r"(?:system|exec|passthru|popen|proc_open|getruntime|child_process|compile|subprocess\.\w{1,12})\s?\(|<!--|<\?|<%|alias"),
    (RCE, r"\r\s?(?:mail\s|rcpt\s|ehlo|helo|vrfy|expn|help|data|rset|quit|noop|starttls|etrn|turn|[a-z]{0,2}\d{1,5}\s[a-z]|retr|dele|uidl|list\s|top\s|apop)"),
    (RCE, r"(?:settings|config|database)\s?\.|=\.env$"),
    (RCE, rf"{START}\s*['\"]?(?:ansible|chef|cscli|visudo|whoami|ifconfig|printenv|lsof|python|set|ls|htop|time|strace|nohup|sudo|env|nice|timeout|xargs|exec|eval|watch|busybox|invoke-|pip|alias|perf|ping)"),
    (DECODE, r"%[0-9a-f]{2}|[=%]u[0-9a-f]{4}|&#|&(?:lt|gt|quot|apos|tab|newline|colon|semi|lpar|rpar|sol|period|amp|comma|nbsp)"),
    (DECODE, r"\\[xu]\{?[0-9a-f]{2}|\\[0-7]{3}|/\*|\xef\xbc|\xe2\x80[\x98-\x9f]|\xc2\xb4|\x00"),
    (DECODE, r"\w(?:''|\"\"|\\|\^|\$@|``|\$\(\)|<\(\)|\$[!?#*$-])[\w/.]|\$\{?ifs|[\s/;|]\\\w"),
)  # fmt: skip
