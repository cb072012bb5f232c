"""What pages load: over plain HTTP, from third parties, unchecked."""

from collections.abc import Iterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.site.html import Document, Tag
from vedette.instruments.scan.site.types import Site, bare, joined, origin

_ACTIVE = {"script": "src", "iframe": "src", "object": "data", "embed": "src"}
_PASSIVE = {"img": "src", "audio": "src", "video": "src", "source": "src"}
CHECKS = (
    Check("mixed-scripts", "A page loads code over plain HTTP", 6.0, "Whoever sits on the way replaces it; browsers block it.", "Load it by https://."),
    Check("mixed-media", "A page loads pictures or media over plain HTTP", 2.5, "Others see and change what is shown.", "Load it by https://."),
    Check("form-in-clear", "A form sends what is typed over plain HTTP", 6.0, "Passwords and cards can be read on the way.", "Let its action be https://."),
    Check("script-unchecked", "A script of a third party is loaded without a hash", 3.5, "Whoever holds that host runs code in your pages.", "Add integrity and crossorigin (Subresource Integrity), or serve it yourself."),
)  # fmt: skip


def look(site: Site) -> Iterator[Hit]:
    """Return what the pages load that they should not, each target once."""
    seen: set[tuple[str, str]] = set()
    for page, document in zip(site.pages, site.documents, strict=True):
        for hit in (*_mixed(page.url, document), *_unchecked(page.url, document)):
            if (hit.check, hit.subject) not in seen:
                seen.add((hit.check, hit.subject))
                yield hit


def external(url: str, document: Document) -> Iterator[tuple[str, Tag]]:
    """Return the scripts of other origins, by their URLs."""
    for tag in document.named("script"):
        whole = joined(url, tag.attributes.get("src", "")) if tag.attributes.get("src") else ""
        if whole and origin(whole) != origin(url):
            yield whole, tag


def _mixed(url: str, document: Document) -> Iterator[Hit]:
    if not url.startswith("https:"):
        return
    for names, check in (
        (_ACTIVE, "mixed-scripts"),
        (_PASSIVE, "mixed-media"),
        ({"form": "action"}, "form-in-clear"),
    ):
        for tag in document.named(*names):
            target = tag.attributes.get(names[tag.name], "").strip()
            if target.lower().startswith("http://"):
                yield Hit(check, url, f"<{tag.name}> {target}"[:300], bare(target))
    for tag in document.named("link"):
        target = tag.attributes.get("href", "").strip()
        if "stylesheet" in tag.attributes.get("rel", "").lower() and target.lower().startswith("http://"):
            yield Hit("mixed-scripts", url, f"<link> {target}"[:300], bare(target))


def _unchecked(url: str, document: Document) -> Iterator[Hit]:
    for whole, tag in external(url, document):
        if not tag.attributes.get("integrity") and not (
            url.startswith("https:") and whole.startswith("http:")
        ):
            yield Hit("script-unchecked", url, whole[:300], bare(whole))
