"""Names of files as strangers send them: what is wrong with one, and one made of it that every system takes."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from vedette_guard.decisions.invisible import clean, is_invisible, strip_invisible


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FALLBACK = "file"
MOST_BYTES = 200
_SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f5\u29f8\uff0f\uff3c]")
_KEPT = frozenset(" -_.()+@")
_LONGEST_EXTENSION = 16
# Of Windows; with or without an extension, the digits of COM and LPT in superscript too.
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CLOCK\$?|CONIN\$?|CONOUT\$?|COM\d|LPT\d)", re.IGNORECASE)
# What servers run wherever it stands in a name.
SERVED = _names(
    "phtml phps phar inc shtml shtm stm asa asax ascx ashx asmx cer cdx cfml cfc dbm jspf jsw jsv jhtml wss cgi rb sh bash "
    "fcgi htaccess"
)
_NUMBERED = re.compile(r"(?:php|pht|phtml|cfm|aspx?|jspx?|pl|py)\d*")
# What browsers and systems run when it stands at the end.
RUN = SERVED | _names(
    "do action pm lib pyc pyw zsh ksh csh exe com bat cmd scr pif msi msp dll sys cpl ps1 psm1 vbs vbe js mjs jse wsf wsh "
    "hta jar war class htpasswd user lnk url desktop scf inf reg app apk ipa deb rpm so elf swf xap svgz xhtml xht mht mhtml "
    "config ini htc xsl xslt"
)


def extension(name: str) -> str:
    """Return the last extension in lower case, without its dot; an empty text when there is none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def runs(extension_: str) -> bool:
    """Tell whether something may run a file for this extension."""
    return extension_ in RUN or bool(_NUMBERED.fullmatch(extension_))


def fault(name: str) -> str:
    """Return what is wrong with a name as it was sent, as a sentence; an empty text when nothing is.

    Judged is what it says after any number of percent-decodings, for some server decodes once more than another.
    """
    for said in _decoded(name):
        if any(
            "\ud800" <= one <= "\udfff" or unicodedata.category(one) in {"Cc", "Zl", "Zp"} for one in said
        ):
            return "The name has a control character."
        if strip_invisible(said) != said:
            return "The name has a character that is not seen, and may show another name than it is."
        if _SEPARATORS.search(said):
            return "The name leads to another folder."
        if said != said.rstrip(". "):
            return "The name ends in a dot or a space, which some systems leave out."
    # Servers end names at `;` and `:`, too.
    inner = [part.strip().lower() for part in re.split("[.;:]", name)[1:-1]]
    found = next((part for part in inner if part in SERVED or _NUMBERED.fullmatch(part)), "")
    if found:
        return f"The name has two extensions, and servers may run a .{found}."
    return "" if name.strip(" .") else "The file has no name."


def _decoded(name: str) -> list[str]:
    """Return a name as it is, and as it reads after each percent-decoding."""
    found = [name]
    while len(found) < 8 and (after := unquote(found[-1], errors="replace")) != found[-1]:
        found.append(after)
    return found


def clean_filename(name: str, *, most: int = MOST_BYTES, fallback: str = FALLBACK) -> str:
    """Return a name that is the same file's on every system: one segment, in NFC, at most `most` bytes of UTF-8.

    Letters, digits, marks and ` -_.()+@` of all scripts stay, everything else becomes `_`. The last extension stays one;
    other dots stay before a digit or `tar`. It says nothing about what the file holds.
    """
    last = _SEPARATORS.split(clean(name, "NFC", lines=False))[-1]
    plain = "".join(_kept(one) for one in last)
    plain = re.sub(r"\s+", " ", plain).strip(" .")
    plain = re.sub(r"\s*\.[\s.]*", ".", plain).lstrip("-~+. ")
    stem, dot, tail = plain.rpartition(".")
    if not dot or len(tail) > _LONGEST_EXTENSION:
        stem, dot, tail = plain, "", ""
    return _fitted(_without_dots(stem, tail), dot + re.sub(r"_{2,}", "_", tail), most) or fallback


def _kept(one: str) -> str:
    """Return what becomes of a character; joiners and selectors, which text may keep, are nothing in a name."""
    if is_invisible(one):
        return ""
    return one if one in _KEPT or unicodedata.category(one)[0] in "LMN" else "_"


def _without_dots(stem: str, tail: str) -> str:
    """Return a stem whose dots begin no extension."""
    plain = re.sub(r"\.(?!\d|tar$)" if tail else r"\.(?!\d)", "_", stem)
    return re.sub(r"_{2,}", "_", plain)


def _fitted(stem: str, tail: str, most: int) -> str:
    """Return both as long as they may be, and as no device's name."""
    first = unicodedata.normalize("NFKC", stem).partition(".")[0]
    stem = f"_{stem}" if _RESERVED.fullmatch(first.strip()) else stem
    room = max(most - len(tail.encode()), 1)
    cut = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    cut = unicodedata.normalize("NFC", cut.lstrip("-~+. "))
    return cut + tail if cut else tail.lstrip(".")
