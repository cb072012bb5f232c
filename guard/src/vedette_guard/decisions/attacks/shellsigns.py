"""Signs of commands: of shells, of cmd.exe and PowerShell, of mail servers; and of code that calls them."""

from __future__ import annotations

from vedette_guard.decisions.attacks.sign import RCE, Sign

NAMES = r"ansible(?:-\w+)?|aptitude|apt-get|apt|base64|bash|bsdtar|bunzip2|busybox|bzcat|bzip2|c89|c99|certutil|chef-\w+|chgrp|chmod|chown|chroot|cscli|csh|curl|dash|dmesg|dpkg|egrep|env|fgrep|fish|ftp|gawk|g?cc[\d.]*|gdb|getent|gunzip|gzcat|gzip|hexdump|hostname|htop|iconv|ifconfig|iptables|jq|ksh|lastlog|lastlogin|lsof|lwp-\w+|lynx|mawk|mkfifo|mknod|mysql|mysqldump|nawk|nc|ncat|netcat|netstat|nmap|nohup|nslookup|openssl|passwd|perl|pgrep|php\d*|ping6?|pip[\dx]*|pkexec|pkill|printenv|printf|ps|psql|python[\d.]*|rbash|rsync|ruby|rvim|scp|sed|sftp|sh|socat|sqlite3|ssh|strace|strings|su|sudo|systemctl|tac|tar|tcpdump|tcsh|tee|telnet|tftp|traceroute|tshark|uconv|uname|unlzma|unxz|unzip|useradd|adduser|userdel|usermod|vi|vim|visudo|wget|whoami|xargs|xxd|xz|xzcat|yum|zcat|zgrep|zip|zsh|zstd|zstdcat|iex|iwr|powershell|pwsh|cmd\.exe|cmd|regedit|wmic|bitsadmin|mshta|rundll32|cscript|wscript|invoke-\w+|start-process|new-object|net\s+user|tasklist|bcdboot|nvm|cpulimit|chrt|7z|aarch64|arj|base32|bconsole|bpftrace|busctl|capsh|cobc|cowsay|cpan|cpio|csplit|cupsfilter|dmsetup|docker|dosbox|easy_install|efax|emacs|espeak|facter|ffmpeg|fping|gcore|gem|ghc|ghci|gimp|ginsh|gnuplot|hping3|iftop|ionice|irb|jjs|joe|journalctl|jrunscript|latexmk|ldconfig|logsave|ltrace|lua|luatex|lualatex|lzma|mutt|mosquitto|mpirun|msgattrib|msgcat|msgconv|msgfilter|msgmerge|msguniq|mtr|multitime|nasm|neofetch|nft|nroff|nsenter|openvt|opkg|pandoc|pdflatex|pdftex|pidstat|pigz|pico|pry|psftp|puppet|rake|readelf|restic|rlogin|rlwrap|rpmdb|rpmverify|rsyslogd|run-mailcap|run-parts|rview|slsh|smbclient|soelim|sqlmap|ssh-\w+|start-stop-daemon|stdbuf|stty|sysctl|tclsh|tdbtool|timedatectl|tmux|ulimit|unexpand|unshare|update-alternatives|uudecode|uuencode|valgrind|varnishncsa|vigr|vipw|vimdiff|virsh|w3m|wireshark|xelatex|xetex|xdotool|xmodmap|xterm|yarn|zathura|zypper|zsoelim|zmore|zless|zdiff|attrib|cmstp|esentutl|extrac32|findstr|forfiles|icacls|ieexec|installutil|ipconfig|makecab|mavinject|msbuild|msconfig|msdt|msiexec|netsh|odbcconf|pcalua|presentationhost|qwinsta|regasm|regini|regsvcs|regsvr32|rpcping|schtasks|systeminfo|takeown|taskkill|vssadmin|winrm|wsreset|xwizard|adduser|chpasswd|crontab"
ENGLISH = r"alias|arch|arp|at|awk|batch|bridge|cancel|cat|cd|chef|column|comm|command|cp|crontab|cut|date|dd|df|diff|dig|dir|du|echo|ed|eval|ex|exec|expand|expr|export|fetch|find|flock|fold|grep|groups|head|history|id|install|ip|ipcs|join|kill|last|ld|less|ln|locate|logger|look|ls|mail|man|mkdir|more|mount|mv|nano|nice|node|nl|od|paste|patch|perf|pic|pr|pwd|rev|rm|rmdir|rpm|script|service|set|shuf|sleep|sort|source|split|start|stat|tail|test|time|timeout|top|touch|tr|trap|type|ul|uniq|users|view|w|watch|wc|who|write|yes"
BIN = r"(?:/?(?:usr/|opt/|local/|s?bin/)+)?"
# As documentation has commands, and prose: `python -m pytest`, `pip install x`, `Perl 5`.
HONEST = r"(?!python[\d.]*\s+-m(?:\s|$)|install\s+--?\w|(?:pip[\dx]*|apt|apt-get|yarn|gem)\s+install\s+\w|(?-i:[A-Z][a-z]+)(?:\s|$))"

COMMANDS = (
    Sign(
        RCE,
        5,
        "a command behind a separator",
        rf"(?:[;|\r{{]|&(?!\s[a-z]+(?:\s[a-z]+){{0,3}}$)|[$<]\()\s*(?:\w+=\S*\s+)?{HONEST}(?:{BIN}(?:{NAMES})|[\"'](?:{NAMES})[\"']|[\"'](?:{NAMES})(?=\s+-))(?:\s+[-+(/$\"'.~<>|*\w]|\s*[;|&`)}}<>]|\s*$)|;\s*(?:{NAMES})['\"]\s*$",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a command behind a separator",
        rf"(?:[;|\r]|&&|&\s|\$\()\s*[\"']?{HONEST}{BIN}(?:{ENGLISH})[\"']?(?:\s+(?:--?[a-z]|[/$~<>*])|\s+\S*[./]\S|\s*;|\s*\)?[\"']?\s*$)",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a command",
        rf"^\s*['\"]?{HONEST}{BIN}(?:{NAMES})(?:\s+['\"]?(?:--?\w|[/$~<|.](?!\s)|>(?!>>)|[a-z]\w*[./@:]\S)|\s*(?:<<<|<|>(?!>>)|\|)|\s+\w+\s+-)",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a command",
        rf"^\s*['\"]?{HONEST}{BIN}(?:{ENGLISH})\s+(?:--?[a-z]+\b|(?:/(?:etc|bin|usr|tmp|var|home|proc|root|opt|dev)|~/|\$)[\w/.*?-]*\s*$|\S+\s+\|\s|\|\s*\w+|if=)",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a command run by another",
        rf"^\s*['\"]?(?:time|strace|nohup|env|nice|timeout\s+\d+|xargs|exec|eval|watch|busybox)\s+{BIN}(?:{NAMES}|who|id|top|cat|ls)(?:\s|$)",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a command",
        r"^\s*['\"]?(?:ansible(?:-\w+)?\s+\w|(?:ansible|chef)-\w+|chef(?:-\w+)?\s+(?:-|(?:report|exec|generate|show|install|push|update|export|all)\b)|cscli['\"]?\s+\w+\s+\w|visudo|whoami|ifconfig|printenv|lsof|python[\d.]*\s+cmd|set\s+-o|ls\s+\w+\s+\w+$|htop)",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a path of a command",
        rf"(?:^|[\s=;|&`'\"(])/?(?:usr/)?(?:local/)?s?bin/(?:{NAMES}|{ENGLISH})\b",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a shell's expansion",
        r"\$\((?:\(|[^)\s]*\s*(?:\(|/|\$|\||[a-z]+\s*(?:\)|\s)))|\$\{(?:ifs|path|home|shell|pwd|user)\b|\$\{?ifs\b|\$\{\s*`|\$\{cmd\}|\$\[[\d+*/-]+\]|<\(\s*[\w/.-]+(?:\s[^)]*)?\)|\$\{@?print|\{\$\{|\$\(\(\d",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a shell's expansion",
        r"(?:^|[\s;|&=`])~[+-]?\d*$|^\s*!\d+$|\{,?[\w/$\"'?#*]+(?:,[\w/$\"'?*#.-]*)+\}\w?$|/\w*\?[?\w]*/\w*\?|/\?\?\?/|/\w*\[!?[a-z](?:[a-z-]{1,3}|/*)\]\w+|/\w+\[[a-z]\]|=\w+\[[a-z]\];",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a word that hides a command",
        r"\w\$[@!?$*#-][\w/]|\w\$[a-z]{1,2}(?=[/\s])[/\s]|/\w*\?[\w?*\\]*/[\w?*\\]|/(?:e|et|bi|b|us|u)\w?\*\w?/|\w\$\{?[a-z]?\}?\\\w|\w(?:''|\"\"|``|\$\(\)|<\(\)|\$@)\w|^\s*['\"]\w+['\"]\w+\s*(?:$|\s\w$)|\w\$[a-z]{1,2}[+/]|(?:^|[;|&(])\s*[\w/]+``\s",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a shell that listens",
        r"/dev/(?:tcp|udp)/|\bbash\s+-i\b|\bsh\s+-i\b|\bnc\s+(?:-\w+\s+)*[\w.]+\s+\d+|-e\s+/?(?:bin/)?(?:ba|z|k)?sh\b|\b(?:ba|z|k|c|da)?sh\s+-c\b|\$shell\b|;\.?\s*\.sh(?:ell)?\s+\w",
    ),
    Sign(
        RCE,
        5,
        "a command with a path",
        r"^\s*(?:cat|tac|nl|od|tail|head|less|rm|ls)\s+/[\w.-]+/\S+\s*$|[;|]\s*(?:cd|ls|cat|rm|cp|mv)\s+\S+\s*;",
        short=True,
    ),
    Sign(RCE, 5, "a command of cmd.exe", r"\bcmd(?:\.exe)?\s+/c\b", short=True),
    Sign(
        RCE,
        5,
        "a command of SQLite",
        r"(?:^|[;\"'])\s*\.\s?(?:sh(?:ell)?|system|import|load|open|output|once|read|restore|save|backup|dump|databases|tables|schema|trace|archive|excel)\b",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a function that is a bomb",
        r"(?<![\w:])([\w:]{1,40})\s{0,20}\(\s{0,20}\)\s{0,20}\{\s{0,20}\1(?:\(\))?\s*[|&]|^\(\)\s*\{|\(\)\s{0,20}\{\s{0,20}:\s*;",
    ),
    Sign(RCE, 5, "a here-string", r"(?<!<)<<<\s*['\"$(`\w]", short=True),
    Sign(
        RCE,
        5,
        "a pipe into a shell",
        r"\|\s*(?:/bin/)?(?:ba|z|k|c|da)?sh\b|\|\s*(?:rev|base64|xargs|tee|python\d?(?!\d?\s+-m\b)|perl|php|ruby)\b",
        short=True,
    ),
    Sign(RCE, 5, "a loop of cmd.exe", r"\bfor\b[^%\r\n]{0,80}%{1,2}[^\s]{0,12}\s+in\s*\(", short=True),
    Sign(
        RCE,
        5,
        "a condition of cmd.exe",
        r"(?:^|[&|;(\r\n'\"]\s*)if\s+(?:/i\s+)?(?:not\s+)?(?:exist\s+\S|defined\s+\w|errorlevel\s+\d|cmdextversion|/i\s|[\"'\[!%\w][^\s=(]{0,40}(?:==+\S|\s+(?:equ|neq|lss|leq|gtr|geq)\s)|\(\d+\)\s+equ|[\"\[][^\"\])]{0,40}[\"\]]\s*(?:==|equ|neq)|\(\d+\s+equ|%\S+%\s*==)",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a call that runs",
        r"\b(?:system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec|os\.system|subprocess\.\w+|runtime\.getruntime|child_process|eval\s*\(\s*compile)\s*\(\s*(?:['\"`$]|[a-z]\w*\s?[(.$])",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "an include that runs",
        r"<!--\s*#\s*(?:exec|include|echo|printenv)\b|<\?php|<\?=\s*`|<%\s*(?:eval|execute)",
    ),
    Sign(
        RCE,
        5,
        "an alias",
        r"^\s*(?:alias\s+(?:-p\s+|\+\w\+\s*)?['\"]?[\w.]+['\"]?\s*=|alias\s+\w+=)|\balias\s+\w+=",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a variable that is run",
        r"(?:^|[;&|\s])(\w+=[^\s;]{0,40};\s*){1,20}\$\w|^\w{0,20}=[\w\[\]]+;\$\w+|;\s*\$[a-z]\s+\w+",
        short=True,
    ),
    Sign(
        RCE,
        5,
        "a command of mail",
        r"[\r\n]\s*(?:(?:mail\s+from|rcpt\s+to)\s*:|(?-i:EHLO|HELO|VRFY|EXPN|HELP|DATA|RSET|QUIT|NOOP|STARTTLS|ETRN|TURN)\b(?:\s+[\w.@-]+)?\s*(?:[\r\n]|$)|[a-z]{0,2}\d{1,5}\s+(?:append|status|examine|copy|list|search|fetch|select|login|logout|store|uid|expunge|capability|create|delete|subscribe|unsubscribe|lsub|close|check|quit)\b|(?:(?:retr|dele|uidl|list)\s+\d+|top\s+\d+\s+\d+|apop\s+\w+\s+[0-9a-f]{32})\s*(?:[\r\n]|$))",
    ),
    Sign(
        RCE,
        5,
        "a file of a configuration",
        r"^\s*(?:wp-config\.?\s*php|settings\.(?:php|py)|config\.(?:yml|yaml|php|inc|ini)|local_settings\.py|\.env|web\.config|database\.yml)\s*$",
        short=True,
    ),
)
