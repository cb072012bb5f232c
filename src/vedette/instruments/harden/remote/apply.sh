# Changes a host so that it can be taken back: what is touched is kept before, what undoes a step is written before the step.
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
set -u
umask 077
BASE=${VEDETTE_BASE:-/var/lib/vedette-harden}
TABLE='inet vedette_host'

has_systemd() { [ -d /run/systemd/system ]; }
say() { printf '%s\n' "$*"; }
undo() { printf '%s\n' "$*" >>"$RUN/undo"; sync "$RUN/undo" 2>/dev/null || sync; }
note() { printf '%s\n' "$*" >>"$RUN/touched"; } # what may be taken back later, when the run was kept
key_of() { printf %s "$1" | base64 | tr -d '\n' | tr '/+' '_-'; }
path_of() { printf %s "$1" | tr '_-' '/+' | base64 -d; }
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

# --- what steps are made of -------------------------------------------------------------------------------------------
keep() { # path: what it is now can be brought back; once a run
    if [ -d "$1" ]; then keep_mode "$1"; return; fi
    key=$(key_of "$1")
    [ -e "$RUN/kept/$key.done" ] && return 0
    if [ -e "$1" ] || [ -L "$1" ]; then
        cp -a -- "$1" "$RUN/kept/$key" || return 1
        undo "bring_back $(quoted "$RUN/kept/$key") $(quoted "$1")"
    else
        undo "gone_again $(quoted "$1")"
    fi
    note file "$key"
    : >"$RUN/kept/$key.done"
}
keep_mode() { # path: its mode and owner alone, for what is in a log goes on
    key=$(key_of "$1")
    [ -e "$RUN/kept/$key.mode" ] && return 0
    undo "mode_back $(stat -c '%a %u:%g' "$1") $(quoted "$1")"
    note mode "$key"
    : >"$RUN/kept/$key.mode"
}
folder() { # path: it is there; whoever made it is asked to remove it
    [ -d "$1" ] && return 0
    folder "$(dirname "$1")" || return 1
    undo "rmdir -- $(quoted "$1") 2>/dev/null || :"
    note folder "$(key_of "$1")"
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
mode() { # path most owner group; of a link, what it names
    set -- "$(readlink -f -- "$1")" "$2" "$3" "$4"
    alive && keep_mode "$1" || return 1
    [ -z "$3" ] || chown "$3" "$1" || return 1
    [ -z "$4" ] || chgrp "$4" "$1" || return 1
    chmod "$(printf %o $((0$(stat -c %a "$1") & 0$2)))" "$1"
}
value() { # name value
    alive || return 1
    file=/proc/sys/$(printf %s "$1" | tr . /)
    undo "set_back $(quoted "$(cat "$file")") $(quoted "$file")"
    note value "$(key_of "$file")"
    printf %s "$2" >"$file" 2>/dev/null && [ "$(cat "$file")" = "$2" ] || say "warn	$1 could not be set now; it is in force from the next boot on"
}
packages_in() {
    missing=
    for each in "$@"; do dpkg-query -W -f '${db:Status-Status}' "$each" 2>/dev/null | grep -qx installed || missing="$missing $each"; done
    [ -n "$missing" ] || return 0
    apt-get -qq update >/dev/null 2>&1 || :
    [ -e "$RUN/packages" ] || dpkg-query -W -f '${Package}\n' | sort >"$RUN/packages"
    undo purge_new
    note packages
    # shellcheck disable=SC2086
    apt-get -qq -y -o Dpkg::Options::=--force-confold --no-install-recommends install $missing >"$RUN/apt.log" 2>&1 || { tail -3 "$RUN/apt.log"; return 1; }
    new_ones >"$RUN/came"
}
new_ones() { dpkg-query -W -f '${Package}\n' | sort | comm -13 "$RUN/packages" -; }
purge_new() { # what the run brought; where it was cut off, what came since it began
    { if [ -e "$RUN/came" ]; then cat "$RUN/came"; else new_ones; fi; } | xargs -r apt-get -qq -y purge
}
packages_out() { # their configuration stays: it is there again when they are
    undo "apt-get -qq -y --no-install-recommends install $* >/dev/null 2>&1"
    note removed "$@"
    apt-get -qq -y remove "$@" >"$RUN/apt.log" 2>&1 || { tail -3 "$RUN/apt.log"; return 1; }
}
enabled() { # unit
    alive || return 1
    if systemctl is-enabled --quiet "$1" 2>/dev/null; then return 0; fi
    undo "systemctl --quiet disable $1 2>/dev/null || :"
    note enabled "$1"
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
    sshd) sshd_is_well >/dev/null || return 1 # it would end by what it cannot read
        if has_systemd; then systemctl reload-or-restart ssh; elif [ -s /run/sshd.pid ]; then kill -HUP "$(cat /run/sshd.pid)"; fi
        sleep 1 ;; # sshd is told, not waited for: a connection must not come through by what was before
    rules) nft -f /etc/nftables.d/60-vedette.nft 2>&1 ;;
    table) nft -f "$BASE/table.nft" 2>&1 ;;
    journal) ! has_systemd || systemctl try-restart systemd-journald ;;
    nginx) ! has_systemd || ! systemctl is-active --quiet nginx || systemctl reload nginx ;;
    postgres) ! has_systemd || ! systemctl is-active --quiet postgresql || systemctl reload postgresql ;;
    systemd) ! has_systemd || systemctl daemon-reload ;;
    audit) ! command -v augenrules >/dev/null || augenrules --load >/dev/null 2>&1 || : ;;
    shm) ! mountpoint -q /dev/shm || mount -o remount /dev/shm
        tmp_apart ;;
    esac
}
tmp_apart() { # /tmp is a file system of its own at once, where nobody would miss what lies in it
    ! mountpoint -q /tmp || return 0
    [ -z "$(find /tmp -mindepth 1 ! -type d -print -quit)" ] || return 0
    mount /tmp && : >"$RUN/tmp"
}
before_reload() { # what the kernel holds is kept; files are back before whoever reads them is told
    undo "reload_back $1"
    note reload "$1"
    if [ "$1" = rules ] || [ "$1" = table ]; then
        nft list table $TABLE >"$RUN/table" 2>/dev/null || : >"$RUN/table"
    elif [ "$1" = shm ] && mountpoint -q /dev/shm; then
        awk '$2 == "/dev/shm" { print $4 }' /proc/mounts | tail -1 >"$RUN/shm"
    fi
}
reload_back() { # at a boot nobody has read anything yet, and who waits for a service would wait for ever: it comes after us
    [ -z "${BOOT:-}" ] || return 0
    case $1 in
    rules | table) { printf 'table %s\ndelete table %s\n' "$TABLE" "$TABLE"; cat "$RUN/table"; } | nft -f - ;;
    shm) [ ! -e "$RUN/tmp" ] || umount -l /tmp
        [ ! -s "$RUN/shm" ] || mount -o "remount,exec,suid,dev,$(cat "$RUN/shm")" /dev/shm ;;
    *) reload "$1" ;;
    esac
}
ours() { ! grep -qxF "$(key_of "$1")" "$RUN/stays" 2>/dev/null; } # path: nobody changed it since the run was kept
bring_back() { ours "$2" || return 0; cp -a --remove-destination -- "$1" "$2.vedette-old" && mv -f -- "$2.vedette-old" "$2"; }
gone_again() { ours "$1" || return 0; rm -f -- "$1"; }
mode_back() { # mode owner path
    [ -e "$3" ] && ours "$3" || return 0
    chown "$2" "$3" && chmod "$1" "$3"
}
set_back() { ours "$2" || return 0; printf %s "$1" >"$2"; } # value file

# --- the run ----------------------------------------------------------------------------------------------------------
alive() { [ ! -e "$RUN/decided" ] || { say "this run was taken back meanwhile"; return 1; }; }
decide() { mkdir "$RUN/decided" 2>/dev/null; }
hold() { exec 9>"$RUN/stepping"; flock -w 30 9 || :; } # nobody takes back half a step; one that hangs keeps nobody out for ever
free() { exec 9>&-; }
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
    # A file: systemd-run cannot hand on a command with a semicolon (systemd 252 writes it as `\;` and reads that as a word).
    printf 'RUN=%s\n. "$RUN/program.sh"\non_time "$@"\n' "$RUN" >"$RUN/back.sh"
    if has_systemd; then
        unit=$(basename "$RUN")
        systemd-run --quiet --collect --unit "vedette-$unit" --on-active="${1}s" --timer-property=AccuracySec=1s /bin/sh "$RUN/back.sh" || return 1
        say "systemctl stop vedette-$unit.timer" >"$RUN/disarm"
        cat >/etc/systemd/system/vedette-harden-back.service <<UNIT
[Unit]
Description=Vedette takes back a hardening that nobody proved before the reboot
DefaultDependencies=no
After=local-fs.target
Before=systemd-sysctl.service systemd-modules-load.service nftables.service ssh.service
ConditionPathExists=$RUN/armed
[Service]
Type=oneshot
ExecStart=/bin/sh $RUN/back.sh boot
[Install]
WantedBy=sysinit.target
UNIT
        systemctl --quiet enable vedette-harden-back.service 2>/dev/null
    else
        setsid sh -c "sleep $1; sh $RUN/back.sh" </dev/null >/dev/null 2>&1 &
        say "kill -- -$! 2>/dev/null || kill $!" >"$RUN/disarm"
        kill -0 $! || return 1
    fi
    say "armed	$(cat "$RUN/armed")"
}
over() { # how; whoever reads it finds nothing of the run any more
    if [ "$1" != back ] || [ ! -e "$RUN/timed" ]; then [ ! -e "$RUN/disarm" ] || sh "$RUN/disarm" 2>/dev/null; fi
    if [ -e /etc/systemd/system/vedette-harden-back.service ]; then
        systemctl --quiet disable vedette-harden-back.service 2>/dev/null
        rm -f /etc/systemd/system/vedette-harden-back.service
    fi
    say "$1" >"$RUN/over"
    rm -rf "$BASE/lock"
}
take_back() { # the last thing first; what cannot be taken back does not keep the rest
    tac "$RUN/undo" >"$RUN/undo.back"
    sh -c "RUN=$RUN; . $RUN/program.sh; . $RUN/undo.back" >>"$RUN/back.log" 2>&1 9>&-
    over back
}
on_time() { # boot, or nothing
    [ "${1:-}" != boot ] || export BOOT=yes
    hold
    if decide; then free; : >"$RUN/timed"; take_back; fi
}
stopped() { if decide; then take_back; fi; exit 1; }
failed() { # what
    say "failed	$*"
    if decide; then take_back; say "back"; else say "back"; fi
    exit 1
}
do_step() { # what is told of it, then the step
    what=$1; shift
    hold
    said=$(alive && "$@" 2>&1 9>&-) || failed "$what: $(say "${said:-it failed and said nothing}" | tail -2 | tr '\n\t' '  ')"
    free
    case $said in *warn*) say "$said" | grep '^warn' ;; esac
    return 0
}
confirm() { # run: a new connection came through
    RUN=$BASE/$1
    [ -e "$RUN/armed" ] || { say "unknown"; exit 1; }
    remember
    if decide; then
        [ ! -e "$RUN/undoes" ] || forget_former "$(cat "$RUN/undoes")"
        over kept
        say "kept"
    elif [ "$(cat "$RUN/over" 2>/dev/null)" = kept ]; then say "kept"; else say "back"; fi
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

# --- a run that was kept is taken back --------------------------------------------------------------------------------
looks() { # kind key: what it is now, in a word
    path=$(path_of "$2")
    { case $1 in
      value) cat "$path" ;;
      *) stat -c '%a %u:%g' "$path" && { [ "$1" != file ] || { [ ! -L "$path" ] && sha256sum <"$path" || readlink "$path"; }; } ;;
      esac || echo none; } 2>/dev/null | sha256sum | cut -c1-64
}
paths() { grep -E '^(file|mode|value) ' "$1/touched" 2>/dev/null; } # run
remember() { # what the run leaves, so that nobody's later work is taken back with it
    paths "$RUN" | while read -r kind key; do say "$kind $key $(looks "$kind" "$key")"; done >"$RUN/left"
    [ ! -e "$BASE/manifest.json" ] || cp -p -- "$BASE/manifest.json" "$RUN/manifest.before"
}
forget_former() { # run: it is taken back, so what is watched is what was so before it
    : >"$BASE/$1/undone"
    if [ -e "$BASE/$1/manifest.before" ]; then cp -p -- "$BASE/$1/manifest.before" "$BASE/manifest.json"; else rm -f "$BASE/manifest.json"; fi
}
former() { # the run that was kept last and is not taken back yet
    ls -t "$BASE"/run-*/over 2>/dev/null | while read -r one; do
        one=$(dirname "$one")
        [ "$(cat "$one/over")" = kept ] && [ -e "$one/left" ] && [ ! -e "$one/undone" ] && [ ! -e "$one/undoes" ] && basename "$one" && break
    done
}
compared() { # run: what of it is as it left it (`would`), and what somebody changed since (`stays`), each with its path
    while read -r kind key left; do
        if [ "$(looks "$kind" "$key")" = "$left" ]; then word=would; else word=stays; fi
        say "$word	$key"
    done <"$BASE/$1/left"
}
tell_former() {
    run=$(former)
    [ -n "$run" ] || { say "none"; return; }
    say "run	$run	$(stat -c %Y "$BASE/$run/over")"
    compared "$run" | sort -u
    for each in packages removed; do ! grep -q "^$each" "$BASE/$run/touched" || say "packages	$(key_of "$(packages_of "$each")")"; done
}
packages_of() { # kind, of the run that is told
    if [ "$1" = packages ]; then printf '%s' "$(tr '\n' ' ' <"$BASE/$run/came")"; else sed -n 's/^removed //p' "$BASE/$run/touched" | tr '\n' ' '; fi
}
undoes() { # run: how all of it is now is kept, so that taking it back can be taken back as well
    [ "$(former)" = "$1" ] || failed "Another run was kept or taken back since."
    run=$1; FORMER=$BASE/$1
    say "$1" >"$RUN/undoes"
    compared "$1" | sed -n 's/^stays	//p' | sort -u >"$FORMER/stays"
    sed -n 's/^reload //p' "$FORMER/touched" | while read -r each; do before_reload "$each"; done
    tac "$FORMER/touched" | while read -r kind rest; do keep_now "$kind" "$rest" || exit 1; done || failed "What is there now could not be kept."
}
keep_now() { # kind, and what it is about
    case $1 in
    file) keep "$(path_of "$2")" ;;
    mode) path=$(path_of "$2"); [ ! -e "$path" ] || keep_mode "$path" ;;
    folder) undo "mkdir -p -m 755 -- $(quoted "$(path_of "$2")")" ;;
    value) path=$(path_of "$2"); undo "set_back $(quoted "$(cat "$path")") $(quoted "$path")" ;;
    packages) undo "apt-get -qq -y --no-install-recommends install $(packages_of packages) >/dev/null 2>&1" ;;
    removed) undo "apt-get -qq -y remove $2 >/dev/null 2>&1" ;;
    enabled) undo "systemctl --quiet enable $2 2>/dev/null || :" ;;
    esac
}
take_former() {
    hold
    alive || failed "It took too long."
    tac "$FORMER/undo" >"$FORMER/undo.back"
    sh -c "RUN=$FORMER; . $FORMER/program.sh; . $FORMER/undo.back" >>"$RUN/former.log" 2>&1 9>&-
    free
}
