"""What should be, begun with what is there: the file with the sentences that were ticked. Pure."""

from collections.abc import Sequence

from vedette.deploy.adopting import editing
from vedette.deploy.views import marks
from vedette.wire import jsons
from vedette.wire.ascode.reading import Document, parse
from vedette.wire.infra import Judged, Verdict

FILE = "infra/infra.toml"


def asserted(text: str, chosen: Sequence[str]) -> str:
    """Return a file that asserts the chosen sentences; where the text is no TOML it stays as it is, and its faults are told."""
    found = parse(FILE, text)
    said = jsons.texts(found.table, "assert") if isinstance(found, Document) else ()
    new = [each for each in chosen if each not in said]
    if not new or not isinstance(found, Document):
        return text
    try:
        return editing.relist(text, ("assert",), lambda _: False, new)
    except editing.Unsaid:
        return text


def proposals(found: Sequence[Judged], chosen: Sequence[str] | None) -> list[tuple[Judged, str, str, bool]]:
    """Return proposed sentences with tone, word and whether they are ticked: at first those that hold."""
    return [
        (
            each,
            *marks.VERDICTS[each.verdict],
            each.verdict is Verdict.HOLDS if chosen is None else each.intent.text in chosen,
        )
        for each in found
    ]
