"""Signs of scripts in values: what runs without a tag, or in the places of an attribute."""

from __future__ import annotations

from vedette_guard.decisions.attacks.sign import XSS, Sign

_EVENTS = r"on(?:abort|activate|after\w{4,}|animation\w{3,}|auxclick|before\w{4,}|begin|blur|bounce|canplay\w*|cellchange|change|click|close|contextmenu|copy|cuechange|cut|data\w{5,}|dblclick|deactivate|drag\w*|drop|durationchange|emptied|end|ended|error\w*|filterchange|finish|focus\w*|form\w{4,}|fullscreen\w*|gesture\w*|hashchange|help|input|invalid|key(?:down|press|up)|languagechange|layoutcomplete|load\w*|losecapture|message\w*|mouse\w{2,}|move\w*|offline|online|orientationchange|outofsync|page(?:hide|show)|paste|pause|play\w*|pointer\w{2,}|popstate|progress|propertychange|ratechange|readystatechange|redo|repeat|reset|resize\w*|resume|reverse|row\w{4,}|scroll\w*|search|seek\w*|select\w*|show|stalled|start|stop|storage|submit|suspend|syncrestored|timeerror|timeupdate|toggle|touch\w*|trackchange|transition\w*|unload|urlflip|volumechange|waiting|webkit\w*|wheel)"

SCRIPTS = (
    Sign(
        XSS,
        5,
        "a script's address",
        r"^[\s\x00-\x20'\"]*(?:j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|v\s*b\s*s\s*c\s*r\s*i\s*p\s*t|livescript|mocha)\s*:",
    ),
    Sign(
        XSS,
        5,
        "a script's address",
        r"(?:url\s{0,20}\(\s{0,20}['\"]?\s{0,20}|[=:(\"'`]\s{0,20})javascript\s*:|javascript:\s*\\|\bjavascript:[\w.]*(?:alert|confirm|prompt|eval|document|window|location|javascript)|^[^<]{0,30}url\s{0,20}\(\s{0,20}javascript",
    ),
    Sign(
        XSS,
        5,
        "a document of data",
        r"\bdata:(?:text/(?:html|xml|javascript)|image/svg\+?\s*xml|application/(?:x-)?javascript)",
    ),
    Sign(
        XSS,
        5,
        "a style that runs",
        r"(?<!:):\s{0,9}expression\(|-moz-binding\s*:|-o-link\s*:|behaviou?r\s*:\s*url|@im\\?port\s*['\"\\]|@import\s+url",
    ),
    Sign(XSS, 5, "an event's handler", rf"[\"'`\s/;>]\s*{_EVENTS}\s*=", short=True),
    Sign(
        XSS,
        5,
        "an event's handler",
        r"^\s*on[a-z]{3,25}\s*=(?:\s*$|\s*[\"']?[\w.]+\()|[\"']\s*on[a-z]{3,25}\s*=\s*[\"']?[\w.]+\(",
        short=True,
    ),
    Sign(
        XSS,
        5,
        "a call of a script",
        r"\b(?:alert|confirm|prompt|eval|atob|btoa|importscripts|settimeout|setinterval|execscript|new\s+function)\s*(?:\((?!\s*\))|`)|^\s*[a-z ]{4,20}\(\s*\)\s*;?\s*$",
        short=True,
    ),
    Sign(
        XSS,
        5,
        "a page's own objects",
        r"\b(?<![/.])(?:document|window|top|self(?!\.(?:name|location|body|domain|forms)\b)|parent|frames|globalthis)\s*(?:\.\s*(?:cookie|domain|location|write|writeln|body|forms|queryselector\w*|getelement\w*|createelement|innerhtml|name|alert|domainname|documentelement)|/\*.{0,20}\*/\s*\[|\s*\[\s*(?:/\*[^*]*\*/)?\s*[\"'`\\/(])",
        short=True,
    ),
    Sign(
        XSS,
        5,
        "a page's own objects",
        r"\b(?:document\.cookie|string\.fromcharcode|\.innerhtml\s*=|\.constructor\s*\(|constructor\.constructor|document\.write(?:ln)?\s*\(|__proto__|prototype\[)",
    ),
    Sign(
        XSS,
        5,
        "a script of brackets",
        r"[\[(!+\s]{3}\[\]\s*\)?\s*[\[+\])!\s]{3,}[!+\[\]()]|\(!\s*\[\]|\[!\s*\[\]",
    ),
    Sign(XSS, 5, "a call without parentheses", r"\[\s*\]\s*\.\s*(?:/\*[^*]*\*/)?\s*\w+\s*\.\s*call\s*`"),
    Sign(XSS, 5, "UTF-7", r"\+adw-|\+AD4-"),
    Sign(
        XSS,
        5,
        "other encodings of <",
        r"\xbc/?\w{2,30}\xbe|\xbcscript|\xd0\xbcscript|\\xd0\\xbc\w|\\xbc(?:script|\w{2,30}\\xbe)",
    ),
    Sign(
        XSS,
        5,
        "an entity in XML",
        r"<!(?:entity|doctype)\b[^>]{0,200}(?:system|public|%)\b|<!entity\b|\bxlink:href\b|<xi:include\b|xsi:schemalocation",
    ),
    Sign(
        XSS,
        5,
        "a tag",
        r"<[^>\w]{0,3}(?:script|iframe|object|embed|applet|meta\s+http|link\s|base\s|frameset|import|xml\b|svg[\s/]*onload)",
        short=True,
    ),
    Sign(
        XSS,
        5,
        "a spaced tag",
        r"<\s?(?:s\s?c\s?r\s?i\s?p\s?t|f\s?o\s?r\s?m|i\s?f\s?r\s?a\s?m\s?e|o\s?b\s?j\s?e\s?c\s?t)\b",
        short=True,
    ),
    Sign(XSS, 5, "escaped attributes", r"(?:\\u00[0-7][0-9a-f]){1,}[a-z\\0-9]*\s*=|in\s+value", short=True),
    Sign(XSS, 5, "a template that runs", r"\{\{.{0,100}(?:constructor|\$on|\$eval|alert|__class__|config\b)"),
)
