"""From what files say to schedules; what is wrong is told with its line. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.oncall import drafting, spelling
from vedette.oncall.ascode.written import LayerText, ScheduleFile, ScheduleText
from vedette.oncall.types import Layer, ScheduleDraft
from vedette.wire.ascode.reading import Fault, Path, Read

Wanted = tuple[tuple[ScheduleDraft, str], ...]


class There(msgspec.Struct, frozen=True):
    """What names mean here: people by address, calendars by name."""

    people: Mapping[str, int]
    calendars: Mapping[str, int]


class _Wrong(Exception):
    """Something is wrong at a place of a file."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(text)
        self.path, self.text = path, text


def compile_files(files: Sequence[Read[ScheduleFile]], there: There) -> tuple[Wanted, tuple[Fault, ...]]:
    """Return the schedules that files say, each with its file, or what is wrong with them."""
    found, faults = list[tuple[ScheduleDraft, str]](), list[Fault]()
    for file in files:
        for number, text in enumerate(file.said.schedule):
            place: Path = ("schedule", number)
            try:
                draft = _draft(text, place, there)
            except _Wrong as wrong:
                faults.append(file.fault(wrong.path, wrong.text))
                continue
            if draft.name in {one.name for one, _ in found}:
                faults.append(file.fault((*place, "name"), f"There are two schedules named {draft.name!r}."))
            faults += [file.fault(path, told) for path, told in _problems(draft, place, there)]
            found.append((draft, file.name))
    return tuple(found), tuple(faults)


def _draft(text: ScheduleText, place: Path, there: There) -> ScheduleDraft:
    layers = (_layer(layer, (*place, "layer", number), there) for number, layer in enumerate(text.layer))
    return drafting.tidied(ScheduleDraft(name=text.name, zone=text.zone, layers=tuple(layers)))


def _layer(text: LayerText, place: Path, there: There) -> Layer:
    if text.calendar and text.calendar not in there.calendars:
        raise _Wrong(
            (*place, "calendar"),
            f"There is no calendar named {text.calendar!r}; add it at /on-call/calendars/.",
        )
    try:
        spans = spelling.read("\n".join(text.spans))
        (on,) = spelling.read(f"{text.turns_on} 00:00-01:00")
    except Invalid as error:
        raise _Wrong((*place, "spans" if text.spans else "turns_on"), str(error)) from None
    return Layer(
        name=text.name, people=tuple(_turn(turn, place, there) for turn in text.people), rotation=text.rotation,
        every=text.every, turns_on=on.days[0], turns_at=text.turns_at, first=text.first, until=text.until, spans=spans,
        counts_spans=text.counts_spans, calendar=there.calendars[text.calendar] if text.calendar else None,
    )  # fmt: skip


def _turn(turn: str | Sequence[str], place: Path, there: There) -> tuple[int, ...]:
    emails = [turn] if isinstance(turn, str) else turn
    for email in emails:
        if email.strip().casefold() not in there.people:
            raise _Wrong((*place, "people"), f"Nobody in the team has the address {email!r}.")
    return tuple(there.people[email.strip().casefold()] for email in emails)


def _problems(draft: ScheduleDraft, place: Path, there: There) -> Iterator[tuple[Path, str]]:
    known = drafting.problems(draft, set(there.people.values()), set(there.calendars.values()))
    for field, told in known.items():
        parts = field.split(".")
        yield (*place, *(("layer", int(parts[1]), parts[2]) if len(parts) == 3 else parts)), told
