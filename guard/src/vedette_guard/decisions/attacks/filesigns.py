"""Signs of values that reach for files, or for addresses a server should not ask."""

from __future__ import annotations

from vedette_guard.decisions.attacks.sign import SSRF, TRAVERSAL, Sign

_DOT = r"(?:\.(?:%0[01]|[\x00\x01])?|%2e|%252e|%c0%ae|%c0%2e|%e0%80%ae|%u002e|%uff0e|0x2e|\xc0\xae|\xc0\.|\xe0\x80\xae|\?(?=[./?]))"
_SLASH = r"(?:[/\\]|%2f|%5c|%252f|%255c|%c0%af|%c0%2f|%c1%9c|%c1%1c|%e0%80%af|%u221[56]|0x2f|0x5c|\xc0\xaf|\xc1\x9c|\xe0\x80\xaf|\u2215|\u2216|;/)"
_DOTS = rf"(?:{_DOT}\s?{_DOT}{_DOT}?)"
_FILES = (
    r"etc[/\\]+(?:\.?passwd|m?aster\.passwd|shadow|group|gshadow|hosts|sudoers|subuid|subgid|security|issue|motd|fstab|cron\w*|ssh|ssl|apache2?|httpd|nginx|my\.cnf|mysql|php\d?|resolv\.conf|environment|profile|services|samba|proftpd)"
    r"|proc[/\\]+(?:self|\d+|version|cmdline|cpuinfo|environ|interrupts|net|sys|mounts|kcore|meminfo|\w+info)|sys[/\\]+(?:class|kernel|devices|block|fs|bus|module|power|firmware)"
    r"|var[/\\]+(?:log|lib|mail|run|spool|www)[/\\]|root[/\\]+\.|dev[/\\]+(?:tcp|udp)[/\\]"
    r"|windows[/\\]+(?:win\.ini|system32|repair|system\.ini)|winnt[/\\]|boot\.ini|win\.ini|\.bash_(?:history|profile|rc)|\.ssh[/\\]|id_[rd]sa|authorized_keys"
    r"|\.htaccess|\.htpasswd|\.git[/\\](?:config|head|index|hooks|objects|logs)|\.svn[/\\]|\.env\b|\.aws[/\\]|\.docker[/\\]|\.kube[/\\]|\.npmrc|\.pypirc|\.netrc|\.pgpass|\.my\.cnf|\.mysql_history|wp-config\.|web\.config"
)
_DOTFILES = r"\.(?:git|svn|hg|env|aws|ssh|docker|kube|npmrc|htaccess|htpasswd|cursor\w*|claude|aider\w*|windsurf\w*|zed|junie|a0proj|vscode|idea|continue|codeium|copilot\w*|gemini|codex|roo\w*|cline\w*|github|ds_store|bash_history|profile|kiro|amazonq|trae|augment|opencode|goose\w*|tabnine|cody|qodo|mcp)"

FILES = (
    Sign(
        TRAVERSAL,
        5,
        "steps up",
        rf"{_DOTS};?\s?{_SLASH}+\s?{_DOTS}|{_SLASH}{_DOTS}{_SLASH}\s?{_DOTS}|{_DOTS}\s?{_SLASH}\s?(?:etc|windows|winnt|boot|proc|usr|var)\b",
    ),
    Sign(
        TRAVERSAL,
        3,
        "a step up",
        rf"^[/\\]?{_DOTS}[/\\;]|[=/\\]{_DOTS}[/\\;]|{_DOTS}[/\\]$|\.\.;\.",
        short=True,
    ),
    Sign(TRAVERSAL, 5, "a system's file", rf"(?:^|[/\\\s'\"`=><(:,@])(?:{_FILES})", short=True),
    Sign(TRAVERSAL, 3, "a system's file", rf"[/\\](?:{_FILES})"),
    Sign(
        TRAVERSAL,
        5,
        "a place for files of one's own",
        r"(?:^|[=>\s])/tmp/\w|(?:^|[^\w.])/(?:etc/|proc/|sys/|root/|boot/|dev/(?!null\b))\w",
        short=True,
    ),
    Sign(
        TRAVERSAL,
        5,
        "a hidden file",
        rf"^(?:(?!https?://).)*?(?:^|[/\\=\s]){_DOTFILES}(?:[/\\]|$)",
        short=True,
    ),
    Sign(TRAVERSAL, 5, "a NUL in a name", r"\x00\.\w{2,4}$|\.\w{2,4}\x00"),
    Sign(TRAVERSAL, 5, "a hidden file", r"/\.(?!well-known(?:/|$))[a-z][\w.~-]*(?:/|$)", path=True),
    Sign(
        TRAVERSAL,
        5,
        "a file that is not served",
        r"/(?:wp-config\.|web\.config|npm-debug\.log|composer\.(?:json|lock|phar)|docker-compose\.ya?ml|phpunit\.xml|id_rsa)",
        path=True,
    ),
    Sign(TRAVERSAL, 5, "a system's file", r"^(?:/[\w@.-]+){0,3}/(?:etc|proc|sys|@fs)/\w", path=True),
    Sign(TRAVERSAL, 5, "a log", r"/(?:errors?|debug|access|php_error\w*)[._-]?logs?(?:\.\w+)?$", path=True),
)

ADDRESSES = (
    Sign(SSRF, 5, "an address in a path", r"/(?:https?|ftps?|file|gopher|ldap|dict):/{1,3}\w", path=True),
    Sign(
        SSRF,
        5,
        "a scheme no page links to",
        r"^\s*['\"]?(?:url:)*(?:file|local_file|gopher|ldaps?|dict|tftp|jar|phar|php|expect|zip|zlib|glob|ogg|rar|ssh2|netdoc|imaps?|pop3s?|smtps?|rtmp|rtsp|sftp|scp|smb|telnet|svn|ftps)\s*:(?:/|https?:|\w+://|data|input|filter)\S*\s*$",
    ),
    Sign(
        SSRF,
        5,
        "an address of a cloud's metadata",
        r"169\.254\.169\.254|metadata\.google|100\.100\.100\.200|\[?fd00:ec2::254|/latest/meta-data|0xa9fea9fe",
    ),
    Sign(
        SSRF,
        5,
        "an address by number",
        r"^\s*['\"]?(?:url=)?(?:https?|ftp)://(?:[^/@\s]*@)?(?:(?:[02-9]\d{0,2}|1[013-9]?|1[013-9]\d|12[0-689])(?:\.\d{1,3}){3}|\[[0-9a-f:.]{4,}\]|0x[0-9a-f]+|\d{8,10}|0\d+(?:\.\d+){1,3}|[\w-]+\.local)(?:[/:?#]\S*)?$|^\s*['\"]?https?://(?:localhost|127(?:\.\d+){1,3}|\[::1\])(?::\d{1,3})?(?:/\S*)?$",
        short=True,
    ),
    Sign(SSRF, 5, "an address with a user", r"^\s*(?:https?|ftp)://[^\s?]{0,100}:[^\s?]{0,60}@", short=True),
    Sign(
        SSRF,
        5,
        "an address that cuts off what follows",
        r"^\s*(?:https?|ftps?|file)(?:://[^\s]*)?\?+$",
        short=True,
    ),
    Sign(
        SSRF,
        5,
        "an address for code",
        r"^\s*(?:https?|ftp)://[^\s?]*\.(?:php\d?|phtml|asp|aspx|jspx?|sh|ps1|exe|txt)\?*$",
        short=True,
    ),
    Sign(
        SSRF,
        5,
        "a look-up",
        r"\$\{[^\s]{0,60}\{?[^\s]{0,20}:-?[jndi]\}|\$\{jndi:|\}\{jndi:|(?:^|[(,]\s*)(?:ldap|rmi)://",
    ),
)
