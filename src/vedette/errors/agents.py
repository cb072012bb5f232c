"""Tell browser and operating system from a User-Agent header: the ones that people meet, by plain text search.

A closed list on purpose: it is read for every event and must cost little; an unknown one stays unnamed.
"""

import functools
import re

import msgspec

_LONGEST = 512
_VERSION = re.compile(r"\d{1,5}(?:\.\d{1,6}){0,3}")


class Agent(msgspec.Struct, frozen=True):
    """What a User-Agent names; empty texts where it names nothing known."""

    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""


# The mark that tells a browser, its name, the mark its version follows and how many numbers of it are told. The
# first that is found wins: most browsers also claim to be Chrome or Safari.
_BROWSERS = (
    ("Edg/", "Edge", "Edg/", 3), ("EdgA/", "Edge Mobile", "EdgA/", 3), ("EdgiOS/", "Edge Mobile", "EdgiOS/", 3),
    ("Edge/", "Edge", "Edge/", 2), ("OPR/", "Opera", "OPR/", 3), ("Vivaldi/", "Vivaldi", "Vivaldi/", 3),
    ("YaBrowser/", "Yandex Browser", "YaBrowser/", 3), ("SamsungBrowser/", "Samsung Internet", "SamsungBrowser/", 2),
    ("FxiOS/", "Firefox iOS", "FxiOS/", 2), ("CriOS/", "Chrome Mobile iOS", "CriOS/", 3),
    ("HeadlessChrome/", "HeadlessChrome", "HeadlessChrome/", 3), ("Electron/", "Electron", "Electron/", 3),
    ("Trident/", "IE", "rv:", 1), ("MSIE ", "IE", "MSIE ", 1), ("Firefox/", "Firefox", "Firefox/", 2),
    ("Chrome/", "Chrome", "Chrome/", 3), ("Safari/", "Safari", "Version/", 2),
    ("curl/", "curl", "curl/", 3), ("Wget/", "Wget", "Wget/", 3), ("python-requests/", "Python Requests", "python-requests/", 2),
    ("okhttp/", "okhttp", "okhttp/", 3), ("PostmanRuntime/", "PostmanRuntime", "PostmanRuntime/", 3),
    ("Googlebot/", "Googlebot", "Googlebot/", 2), ("bingbot/", "bingbot", "bingbot/", 2),
)  # fmt: skip
_SYSTEMS = (
    ("Windows NT 10.0", "Windows", "10"), ("Windows NT 6.3", "Windows", "8.1"), ("Windows NT 6.2", "Windows", "8"),
    ("Windows NT 6.1", "Windows", "7"), ("Windows", "Windows", ""), ("iPhone OS ", "iOS", None), ("CPU OS ", "iOS", None),
    ("Mac OS X ", "Mac OS X", None), ("Macintosh", "Mac OS X", ""), ("Android ", "Android", None), ("Android", "Android", ""),
    ("CrOS", "Chrome OS", ""), ("Ubuntu", "Ubuntu", ""), ("Fedora", "Fedora", ""), ("Debian", "Debian", ""),
    ("FreeBSD", "FreeBSD", ""), ("Linux", "Linux", ""), ("X11", "Linux", ""),
)  # fmt: skip


@functools.lru_cache(maxsize=512)
def agent_of(header: str) -> Agent:
    """Return what a User-Agent header names."""
    text = header[:_LONGEST]
    browser = next((found for found in _BROWSERS if found[0] in text), None)
    system = next((found for found in _SYSTEMS if found[0] in text), None)
    return Agent(
        browser=browser[1] if browser else "",
        browser_version=_version_after(text, browser[2], browser[3]) if browser else "",
        os=system[1] if system else "",
        os_version=_os_version(text, *system) if system else "",
    )


def _version_after(text: str, mark: str, numbers: int) -> str:
    found = _VERSION.match(text.partition(mark)[2])
    return ".".join(found[0].split(".")[:numbers]) if found else ""


def _os_version(text: str, mark: str, name: str, version: str | None) -> str:
    if version is not None:
        return version
    numbers = 3 if name == "Mac OS X" else 2
    return _version_after(text.replace("_", "."), mark.replace("_", "."), numbers)
