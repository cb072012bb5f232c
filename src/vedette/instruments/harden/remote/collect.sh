# Tells what a host is, a line each, texts in base64. Changes nothing.
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
# A text that has nothing but plain characters is told as it is, after `=`: each program that is not started is time, on hundreds of files.
coded() { base64 -w0; }
tell() { # path, whether its text is told
    if [ -d "$1" ]; then kind=folder; elif [ -f "$1" ] || [ -L "$1" ]; then kind=file; else return 0; fi
    known=$(stat -L -c '%a	%u	%g	%Y' -- "$1" 2>/dev/null) || known=$(stat -c '%a	%u	%g	%Y' -- "$1" 2>/dev/null) || return 0
    case $1 in *[!A-Za-z0-9/._@+:-]*) name=$(printf %s "$1" | coded) ;; *) name==$1 ;; esac
    if [ "$2" = text ] && [ "$kind" = file ]; then
        told "$1"
        printf '%s\t%s\t%s\t%s\n' "$kind" "$known" "$name" "$text"
    else
        printf '%s\t%s\t%s\n' "$kind" "$known" "$name"
    fi
}
told() { # path: its text
    case $1 in
    /proc/sys/*) if IFS= read -r value 2>/dev/null <"$1"; then
        case $value in *[!A-Za-z0-9\ ./_-]*) ;; *) text==$value; return ;; esac
    fi ;;
    esac
    text=$(head -c 4000000 -- "$1" 2>/dev/null | coded)
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
