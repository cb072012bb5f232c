"""`vedette guard asvs`: which requirements of OWASP ASVS 5.0 are covered, and by which test."""

from itertools import groupby
from typing import TYPE_CHECKING

from vedette.cli.out import emit
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vedette_guard.audit.asvs import Requirement


def show(*, chapter: int = 0, json: bool = False) -> None:
    """Tell for each requirement of OWASP ASVS 5.0 whether guard, server or neither covers it, and what proves it.

    Parameters
    ----------
    chapter
        Only this chapter, 1 to 17.
    json
        Print one line of JSON a requirement.
    """
    from vedette_guard.audit.asvs import CHAPTERS, requirements

    if chapter and chapter not in CHAPTERS:
        raise ConfigError(f"--chapter {chapter}: there are 1 to {max(CHAPTERS)}.")
    found = requirements(chapter or None)
    if json:
        for one in found:
            fields = {"id": one.id, "who": one.who, "evidence": one.evidence, "sentence": one.sentence}
            emit(fields, "", json=True)
        return
    for number, inside in groupby(found, key=lambda one: one.chapter):
        print("\n".join(_chapter(f"V{number} {CHAPTERS[number]}", list(inside))))
    print(f"{_counted(found)}. The requirements are OWASP's: https://asvs.dev")


def _chapter(title: str, found: "Sequence[Requirement]") -> list[str]:
    lines = [f"{title}: {_counted(found)}"]
    for one in found:
        lines.append(f"  {one.id:<8} {one.who:<8} {one.sentence}")
        lines += [f"  {'':<17} {test}" for test in one.evidence]
    return [*lines, ""]


def _counted(found: "Sequence[Requirement]") -> str:
    return f"{sum(one.covered for one in found)} of {len(found)} covered"
