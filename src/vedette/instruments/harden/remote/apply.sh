# Changes a host so that it can be taken back: what is touched is kept before, what undoes a step is written before the step.
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
set -u
umask 077
BASE=${VEDETTE_BASE:-/var/lib/vedette-harden}
TABLE='inet vedette_host'

has_systemd() { [ -d /run/systemd/system ]; }
say() { printf '%s\n' "$*"; }
undo() { printf '%s\n' "$*" >>"$RUN/undo"; sync "$RUN/undo" 2>/dev/null || sync; }
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

# --- what steps are made of -------------------------------------------------------------------------------------------
keep() { # path: what it is now can be brought back; once a run
    key=$(printf %s "$1" | base64 | tr -d '\n' | tr '/+' '_-')
    [ -e "$RUN/kept/$key.done" ] && return 0
    if [ -e "$1" ] || [ -L "$1" ]; then
        if [ -d "$1" ]; then
            undo "chmod $(stat -c %a "$1") $(quoted "$1"); chown $(stat -c %u:%g "$1") $(quoted "$1")"
        else
            cp -a -- "$1" "$RUN/kept/$key" || return 1
            undo "bring_back $(quoted "$RUN/kept/$key") $(quoted "$1")"
        fi
    else
        undo "rm -f -- $(quoted "$1")"
    fi
    : >"$RUN/kept/$key.done"
}
folder() { # path: it is there; whoever made it is asked to remove it
    [ -d "$1" ] && return 0
    folder "$(dirname "$1")" || return 1
    undo "rmdir -- $(quoted "$1") 2>/dev/null || :"
    mkdir -m 755 -- "$1"
}
put() { # path mode owner group text(base64)
    alive && folder "$(dirname "$1")" && keep "$1" || return 1
    new="$1.vedette-new"
    printf %s "$5" | base64 -d >"$new" || return 1
    if [ -e "$1" ]; then chown --reference="$1" "$new"; fi
    [ -z "$3" ] || chown "$3" "$new" || return 1
    [ -z "$4" ] || chgrp "$4" "$new" || return 1
    chmod "$2" "$new" && sync "$new" && mv -f -- "$new" "$1"
}
mode() { # path most owner group
    alive && keep "$1" || return 1
    [ -z "$3" ] || chown "$3" "$1" || return 1
    [ -z "$4" ] || chgrp "$4" "$1" || return 1
    chmod "$(printf %o $((0$(stat -c %a "$1") & 0$2)))" "$1"
}
value() { # name value
    alive || return 1
    file=/proc/sys/$(printf %s "$1" | tr . /)
    undo "printf %s $(quoted "$(cat "$file")") >$(quoted "$file")"
    printf %s "$2" >"$file" 2>/dev/null && [ "$(cat "$file")" = "$2" ] || say "warn	$1 could not be set now; it is in force from the next boot on"
}
packages_in() {
    missing=
    for each in "$@"; do dpkg-query -W -f '${db:Status-Status}' "$each" 2>/dev/null | grep -qx installed || missing="$missing $each"; done
    [ -n "$missing" ] || return 0
    apt-get -qq update >/dev/null 2>&1 || :
    [ -e "$RUN/packages" ] || dpkg-query -W -f '${Package}\n' | sort >"$RUN/packages"
    undo purge_new
    # shellcheck disable=SC2086
    apt-get -qq -y -o Dpkg::Options::=--force-confold --no-install-recommends install $missing >"$RUN/apt.log" 2>&1 || { tail -3 "$RUN/apt.log"; return 1; }
}
purge_new() { # what came since the run began
    dpkg-query -W -f '${Package}\n' | sort | comm -13 "$RUN/packages" - | xargs -r apt-get -qq -y purge
}
packages_out() { # their configuration stays: it is there again when they are
    undo "apt-get -qq -y --no-install-recommends install $* >/dev/null 2>&1"
    apt-get -qq -y remove "$@" >"$RUN/apt.log" 2>&1 || { tail -3 "$RUN/apt.log"; return 1; }
}
enabled() { # unit
    alive || return 1
    if systemctl is-enabled --quiet "$1" 2>/dev/null; then return 0; fi
    undo "systemctl --quiet disable $1 2>/dev/null || :"
    systemctl --quiet enable "$1" 2>&1
}
ran() { # command, then the files it may touch
    alive || return 1
    command=$1; shift
    for each in "$@"; do keep "$each" || return 1; done
    sh -c "$command" 2>&1
}

# --- proofs and who reads files anew ----------------------------------------------------------------------------------
sshd_is_well() { mkdir -p -m 755 /run/sshd && sshd -t 2>&1; }
table_is_well() { nft -c -f "$BASE/table.nft" 2>&1; }
rules_are_well() { nft -c -f /etc/nftables.d/60-vedette.nft 2>&1; }
units_are_well() {
    command -v systemd-analyze >/dev/null || return 0
    for each in /etc/systemd/system/*.service.d/60-vedette.conf; do
        [ -e "$each" ] || continue
        unit=$(basename "$(dirname "$each")" .d)
        case $unit in *@.service) continue ;; esac
        told=$(systemd-analyze verify "$unit" 2>&1 | grep -F 60-vedette.conf)
        [ -z "$told" ] || { say "$told"; return 1; }
    done
}
reload() {
    case $1 in
    sshd) if has_systemd; then systemctl reload-or-restart ssh; elif [ -s /run/sshd.pid ]; then kill -HUP "$(cat /run/sshd.pid)"; fi
        sleep 1 ;; # sshd is told, not waited for: a connection must not come through by what was before
    rules) nft -f /etc/nftables.d/60-vedette.nft 2>&1 ;;
    table) nft -f "$BASE/table.nft" 2>&1 ;;
    journal) ! has_systemd || systemctl try-restart systemd-journald ;;
    nginx) ! has_systemd || ! systemctl is-active --quiet nginx || systemctl reload nginx ;;
    postgres) ! has_systemd || ! systemctl is-active --quiet postgresql || systemctl reload postgresql ;;
    systemd) ! has_systemd || systemctl daemon-reload ;;
    audit) ! command -v augenrules >/dev/null || augenrules --load >/dev/null 2>&1 || : ;;
    shm) ! mountpoint -q /dev/shm || mount -o remount /dev/shm ;;
    esac
}
before_reload() { # what the kernel holds is kept; files are back before whoever reads them is told
    undo "reload_back $1"
    if [ "$1" = rules ] || [ "$1" = table ]; then
        nft list table $TABLE >"$RUN/table" 2>/dev/null || : >"$RUN/table"
    elif [ "$1" = shm ] && mountpoint -q /dev/shm; then
        awk '$2 == "/dev/shm" { print $4 }' /proc/mounts | tail -1 >"$RUN/shm"
    fi
}
reload_back() {
    case $1 in
    rules | table) { printf 'table %s\ndelete table %s\n' "$TABLE" "$TABLE"; cat "$RUN/table"; } | nft -f - ;;
    shm) [ ! -s "$RUN/shm" ] || mount -o "remount,exec,suid,dev,$(cat "$RUN/shm")" /dev/shm ;;
    *) reload "$1" ;;
    esac
}
bring_back() { cp -a --remove-destination -- "$1" "$2.vedette-old" && mv -f -- "$2.vedette-old" "$2"; }

# --- the run ----------------------------------------------------------------------------------------------------------
alive() { [ ! -e "$RUN/decided" ] || { say "this run was taken back meanwhile"; return 1; }; }
decide() { mkdir "$RUN/decided" 2>/dev/null; }
begin() { # run
    mkdir -p -m 700 "$BASE" || exit 1
    if ! mkdir "$BASE/lock" 2>/dev/null; then
        other=$(cat "$BASE/lock/run" 2>/dev/null)
        if [ -e "$BASE/$other/armed" ] && [ ! -e "$BASE/$other/over" ]; then
            say "busy	Another run ($other) waits for its proof; it takes itself back at $(cat "$BASE/$other/armed")."
            exit 3
        fi
        if kill -0 "$(cat "$BASE/lock/pid" 2>/dev/null)" 2>/dev/null; then say "busy	Another run is under way."; exit 3; fi
        if [ -n "$other" ] && [ -e "$BASE/$other/undo" ] && [ ! -e "$BASE/$other/over" ]; then
            RUN=$BASE/$other; decide; take_back; unset RUN # it was killed before it was armed
        fi
    fi
    RUN=$BASE/$1
    mkdir -p -m 700 "$BASE/lock" "$RUN/kept" || exit 1
    say "$1" >"$BASE/lock/run"; say $$ >"$BASE/lock/pid"
    : >"$RUN/undo"
    printf %s "$PROGRAM" | base64 -d >"$RUN/program.sh"
    find "$BASE" -maxdepth 1 \( -name 'run-*' -o -name 'back-*' \) -mtime +30 -exec rm -rf {} + 2>/dev/null
    trap 'stopped' HUP INT TERM PIPE
}
arm() { # seconds: from now on, it takes itself back
    date -d "+$1 seconds" '+%F %T %Z' >"$RUN/armed"
    back="RUN=$RUN; . $RUN/program.sh; on_time"
    if has_systemd; then
        unit=$(basename "$RUN")
        systemd-run --quiet --collect --unit "vedette-$unit" --on-active="${1}s" --timer-property=AccuracySec=1s /bin/sh -c "$back" || return 1
        say "systemctl stop vedette-$unit.timer" >"$RUN/disarm"
        cat >/etc/systemd/system/vedette-harden-back.service <<UNIT
[Unit]
Description=Vedette takes back a hardening that nobody proved before the reboot
DefaultDependencies=no
After=local-fs.target
Before=nftables.service ssh.service
ConditionPathExists=$RUN/armed
[Service]
Type=oneshot
ExecStart=/bin/sh -c '$back'
[Install]
WantedBy=sysinit.target
UNIT
        systemctl --quiet enable vedette-harden-back.service 2>/dev/null
    else
        setsid sh -c "sleep $1; $back" </dev/null >/dev/null 2>&1 &
        say "kill -- -$! 2>/dev/null || kill $!" >"$RUN/disarm"
        kill -0 $! || return 1
    fi
    say "armed	$(cat "$RUN/armed")"
}
over() { # how
    say "$1" >"$RUN/over"
    [ "$1" != kept ] || [ ! -e "$RUN/undoes" ] || rm -f "$BASE/manifest.json" # what was taken back is no standard any more
    if [ "$1" != back ] || [ ! -e "$RUN/timed" ]; then [ ! -e "$RUN/disarm" ] || sh "$RUN/disarm" 2>/dev/null; fi
    if [ -e /etc/systemd/system/vedette-harden-back.service ]; then
        systemctl --quiet disable vedette-harden-back.service 2>/dev/null
        rm -f /etc/systemd/system/vedette-harden-back.service
    fi
    rm -rf "$BASE/lock"
}
take_back() { # the last thing first; what cannot be taken back does not keep the rest
    tac "$RUN/undo" >"$RUN/undo.back"
    sh -c "RUN=$RUN; . $RUN/program.sh; . $RUN/undo.back" >>"$RUN/back.log" 2>&1
    over back
}
on_time() { if decide; then : >"$RUN/timed"; take_back; fi; }
stopped() { if decide; then take_back; fi; exit 1; }
failed() { # what
    say "failed	$*"
    if decide; then take_back; say "back"; else say "back"; fi
    exit 1
}
do_step() { # what is told of it, then the step
    what=$1; shift
    said=$("$@" 2>&1) || failed "$what: $(say "${said:-it failed and said nothing}" | tail -2 | tr '\n\t' '  ')"
    case $said in *warn*) say "$said" | grep '^warn' ;; esac
    return 0
}
confirm() { # run: a new connection came through
    RUN=$BASE/$1
    [ -e "$RUN/armed" ] || { say "unknown"; exit 1; }
    if decide; then over kept; say "kept"; elif [ "$(cat "$RUN/over" 2>/dev/null)" = kept ]; then say "kept"; else say "back"; fi
}
refuse() { # run: nobody got in, so it is taken back now
    RUN=$BASE/$1
    if decide; then take_back; fi
    say "back"
}
leave_manifest() { # manifest(base64): what is so now, for the agent that watches it
    mkdir -p -m 700 "$BASE" && printf %s "$1" | base64 -d >"$BASE/manifest.new" && sync "$BASE/manifest.new" &&
        mv -f -- "$BASE/manifest.new" "$BASE/manifest.json" && say "remembered"
}
state() { RUN=$BASE/$1; cat "$RUN/over" 2>/dev/null || say "waits"; }
