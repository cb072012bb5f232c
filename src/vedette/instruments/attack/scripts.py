"""The scripts of the switch, for /bin/sh on the host: what is there, on, and off. Pure. Nothing of Vedette has to be on the host.

`on` first writes `off` and arms what calls it at the deadline (by the host's own clock), then tightens, and calls it at once where something fails.
"""

import shlex
from collections.abc import Sequence

from vedette.instruments.attack import tightening
from vedette.instruments.attack.reading import END, POLICY
from vedette.instruments.attack.types import Shield

FOLDER = "/var/lib/vedette-attack"
UNIT = "vedette-attack-off"
_UNITS = "/etc/systemd/system"

_FACTS = """\
for key in {keys}; do
    file=/proc/sys/$(printf %s "$key" | tr . /)
    [ -r "$file" ] && printf 'sysctl %s %s\\n' "$key" "$(cat "$file")"
done
if rules=$(nft list ruleset 2>/dev/null); then
    printf 'limits %s\\n' "$(printf '%s\\n' "$rules" | sed '/^table inet {table} /,/^}}/d' | grep -cE 'limit rate|ct count|meter ')"
fi
nft list table inet {table} >/dev/null 2>&1 && echo 'armed yes'
for pair in tracked:count trackable:max; do
    file=/proc/sys/net/netfilter/nf_conntrack_${{pair#*:}}
    [ -r "$file" ] && printf '%s %s\\n' "${{pair%:*}}" "$(cat "$file")"
done
[ -r {folder}/until ] && printf 'until %s\\n' "$(cat {folder}/until)"
[ -d /run/systemd/system ] && echo 'systemd yes'
printf 'now %s\n' "$(date +%s)"
echo {end}
"""

_OFF = """\
#!/bin/sh
# Restores what was before `vedette attack on`. May run at any time, and twice.
exec </dev/null
bad=0
if command -v nft >/dev/null; then
    nft delete table inet {table} 2>/dev/null
    nft list table inet {table} >/dev/null 2>&1 && {{ echo 'The table of nft is still there.' >&2; bad=1; }}
fi
if [ -f {folder}/sysctls ]; then
    while read -r file value; do printf '%s\\n' "$value" >"$file" || bad=1; done <{folder}/sysctls
fi
{policy}[ $bad = 0 ] || exit 1
rm -f {folder}/until {folder}/sysctls
if [ -d /run/systemd/system ]; then
    rm -f {units}/{unit}.timer {units}/{unit}.service {units}/timers.target.wants/{unit}.timer
    systemctl daemon-reload
    systemctl stop --no-block {unit}.timer
fi
exit 0
"""

_OFF_POLICY = """\
if grep -qxF {begin} {file}; then
    sed {cut} {file} >{folder}/policy && cat {folder}/policy >{file} || bad=1
    rm -f {folder}/policy
    {reload} || {{ echo 'The application could not be told to read its policy again.' >&2; bad=1; }}
fi
"""

_ON = """\
set -eu
umask 077
mkdir -p {folder}
[ -x {folder}/off ] && {folder}/off
cat >{folder}/off.new <<'{here}'
{off}{here}
chmod 700 {folder}/off.new
mv {folder}/off.new {folder}/off
until=$(($(date +%s) + {seconds}))
echo "$until" >{folder}/until
{timer}
trap '{folder}/off' EXIT
trap 'exit 1' HUP INT TERM
nft -f - <<'{here}'
{rules}{here}
: >{folder}/sysctls
{sysctls}
{policy}
trap - EXIT
"""

_TIMER = """\
if [ -d /run/systemd/system ]; then
cat >{units}/{unit}.service <<'{here}'
[Unit]
Description=End of the tighter limits of vedette attack on
[Service]
Type=oneshot
ExecStart={folder}/off
{here}
cat >{units}/{unit}.timer <<{here}
[Unit]
Description=End of the tighter limits of vedette attack on, also after a reboot
[Timer]
OnCalendar=$(date -u -d "@$until" '+%Y-%m-%d %H:%M:%S UTC')
Persistent=true
AccuracySec=1s
[Install]
WantedBy=timers.target
{here}
chmod 644 {units}/{unit}.service {units}/{unit}.timer
systemctl daemon-reload
systemctl enable --quiet {unit}.timer
systemctl restart {unit}.timer
else
setsid sh -c 'while [ "$(date +%s)" -lt "$(cat {folder}/until 2>/dev/null || echo 0)" ]; do sleep 1; done; [ ! -f {folder}/until ] || {folder}/off' </dev/null >/dev/null 2>&1 &
fi"""

_SYSCTL = """\
if [ -w {file} ] && [ "$(cat {file})" {test} {value} ]; then printf '%s %s\\n' {file} "$(cat {file})" >>{folder}/sysctls; echo {value} >{file}; fi"""
_HERE = "VEDETTE_END_OF_TEXT"


def facts(policy: str = "", folder: str = FOLDER) -> str:
    """Return the script that tells how a host is (`reading.read`); it changes nothing."""
    made = _FACTS.format(keys=" ".join(tightening.SYSCTLS), table=tightening.TABLE, folder=folder, end=END)
    if policy:
        file = shlex.quote(policy)
        made += f"[ -r {file} ] && echo {POLICY} && cat {file}\ntrue\n"
    return made + "true\n"


def on(shield: Shield, seconds: float, folder: str = FOLDER) -> str:
    """Return the script that tightens a host for some seconds from now on."""
    return _ON.format(
        folder=folder, here=_HERE, off=off(shield, folder), seconds=int(seconds), timer=_timer(folder),
        rules=tightening.rules(shield, seconds), sysctls="\n".join(_sysctls(folder)), policy=_policy(shield),
    )  # fmt: skip


def off(shield: Shield, folder: str = FOLDER) -> str:
    """Return the script that restores what was, which lies on the host as `off`."""
    policy = ""
    if shield.policy:
        cut = f"/^{tightening.BEGIN}$/,/^{tightening.END}$/d"
        policy = _OFF_POLICY.format(
            begin=shlex.quote(tightening.BEGIN), file=shlex.quote(shield.policy), cut=shlex.quote(cut), folder=folder,
            reload=_reload(shield),
        )  # fmt: skip
    return _OFF.format(table=tightening.TABLE, folder=folder, policy=policy, units=_UNITS, unit=UNIT)


def end(folder: str = FOLDER) -> str:
    """Return the script that calls `off` on the host now."""
    return f"[ ! -x {folder}/off ] || {folder}/off\n"


def _timer(folder: str) -> str:
    return _TIMER.format(units=_UNITS, unit=UNIT, folder=folder, here=_HERE)


def _sysctls(folder: str) -> Sequence[str]:
    return [
        _SYSCTL.format(
            file="/proc/sys/" + key.replace(".", "/"), value=value, folder=folder,
            test="-lt" if tightening.wanted(key, value + 1) > value else "-ne",
        )
        for key, value in tightening.SYSCTLS.items()
    ]  # fmt: skip


def _policy(shield: Shield) -> str:
    if not shield.policy:
        return ":"
    file = shlex.quote(shield.policy)
    ended = f'[ -z "$(tail -c 1 {file})" ] || echo >>{file}'  # a last line without an end gets one
    return f"{ended}\ncat >>{file} <<'{_HERE}'\n{tightening.limit(shield)}{_HERE}\n{_reload(shield)}"


def _reload(shield: Shield) -> str:
    return f"sh -c {shlex.quote(shield.reload)} </dev/null" if shield.reload else ":"
