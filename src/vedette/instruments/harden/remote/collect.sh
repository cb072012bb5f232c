# Tells what a host is, a line each, texts in base64. Changes nothing.
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
coded() { base64 | tr -d '\n'; }
about() { stat -L -c '%a	%u	%g	%Y' -- "$1" 2>/dev/null || stat -c '%a	%u	%g	%Y' -- "$1" 2>/dev/null; }
tell() { # path, whether its text is told
    if [ -d "$1" ]; then kind=folder; elif [ -f "$1" ] || [ -L "$1" ]; then kind=file; else return 0; fi
    known=$(about "$1") || return 0
    name=$(printf %s "$1" | coded)
    if [ "$2" = text ] && [ "$kind" = file ]; then
        printf '%s\t%s\t%s\t%s\n' "$kind" "$known" "$name" "$(head -c 4000000 -- "$1" 2>/dev/null | coded)"
    else
        printf '%s\t%s\t%s\n' "$kind" "$known" "$name"
    fi
}
read_files() { for each in "$@"; do tell "$each" text; done; }
look_at() { for each in "$@"; do tell "$each" look; done; }
says() { # name, command: told only where it succeeds
    if said=$(timeout 20 sh -c "$2" 2>/dev/null </dev/null); then
        printf 'says\t%s\t%s\n' "$(printf %s "$1" | coded)" "$(printf '%s\n' "$said" | coded)"
    fi
}
finish() {
    printf 'host\tat\t%s\n' "$(date +%s)"
    printf 'host\tlogin\t%s\n' "${VEDETTE_LOGIN:-$(id -un)}"
    printf 'host\tpeer\t%s\n' "${VEDETTE_PEER:-}"
    echo finished
}
