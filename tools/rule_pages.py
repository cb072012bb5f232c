"""A page for each set of detection rules: why each is there, when it fires, what follows, an example, false positives."""

import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vedette.agent.detect.evidence import printable
from vedette.agent.detect.rules import load
from vedette.agent.detect.types import Bucket, Clause, Example, Likeness, Rule
from vedette.wire.agent.types import Measure
from vedette.wire.ascode.lengths import written

PAGES = Path(__file__).parents[1] / "docs" / "detection"
FEW = 6


def pages() -> Mapping[str, str]:
    """Return the text of each page by its file's name."""
    rules = sorted(load(), key=lambda rule: rule.set)
    return {
        f"{name}.md": "\n".join(_page(name, [*found])) + "\n"
        for name, found in itertools.groupby(rules, _set)
    }


def _set(rule: Rule) -> str:
    return rule.set


def _page(name: str, rules: Sequence[Rule]) -> Iterator[str]:
    yield f"# Rules: {name}"
    yield ""
    yield "Written by `tools/rule-pages` from the rules themselves; [how rules work](../detection.md)."
    for rule in rules:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield from ("", f"## {rule.id}", "", f"**{rule.title}** ({rule.severity}). {rule.why}", "")
    yield f"- **Looks at** {_clauses(rule.when)}"
    if rule.unless:
        yield f"- **Not** {_clauses(rule.unless)}"
    if rule.before:
        yield f"- **After** {_clauses(rule.before)}"
    yield f"- **Threshold** {_threshold(rule)}"
    if rule.reset:
        yield "- **A success** takes back the failures of its own user."
    yield f"- **Then** {_then(rule)}"
    yield f"- **False positives** {rule.false_positives}"
    yield from itertools.chain.from_iterable(_example(each) for each in rule.examples)


def _clauses(clauses: Sequence[Clause]) -> str:
    return "; or ".join(_clause(clause) for clause in clauses)


def _clause(clause: Clause) -> str:
    parts = [f"entries of kind {_words(clause.kinds)}"]
    for name, words in (("service", clause.services), ("parser", clause.parsers), ("event", clause.events)):
        if words:
            parts.append(f"{name} {_words(words)}")
    parts += [f"{name} {_likeness(likeness)}" for name, likeness in clause.fields.items()]
    return ", ".join(parts)


def _likeness(likeness: Likeness) -> str:
    told = {
        "is": likeness.equals, "holds": likeness.contains, "begins with": likeness.startswith, "ends with": likeness.endswith,
        "fits": likeness.matches, "lies in": likeness.networks,
        "is from": tuple(f"{low:.0f} to {high:.0f}" for low, high in likeness.ranges),
    }  # fmt: skip
    return " or ".join(f"{verb} {_words(words)}" for verb, words in told.items() if words)


def _words(words: Sequence[str]) -> str:
    shown = [f"`` {word} ``" if "`" in word else f"`{word}`" for word in words[:FEW]]
    more = f" and {len(words) - FEW} more" if len(words) > FEW else ""
    return ", ".join(shown) + more


def _threshold(rule: Rule) -> str:
    bucket: Bucket = rule.bucket
    if not bucket.capacity:
        return f"the first one; told again for the same {_by(bucket)} after {written(bucket.again)}"
    what = f"different values of `{bucket.distinct}`" if bucket.distinct else "of them"
    return f"more than {bucket.capacity} {what} for one {_by(bucket)}; one is forgotten each {written(bucket.leak)}"


def _by(bucket: Bucket) -> str:
    return " and ".join(bucket.by)


def _then(rule: Rule) -> str:
    if rule.measure is Measure.NOTE:
        return "it is told; nothing is done."
    return f"{rule.measure}, at first for {written(rule.duration)}."


def _example(example: Example) -> Iterator[str]:
    often = f", {example.times} times" if example.times > 1 else ""
    yield from ("", f"{'Fires' if example.fires else 'Stays silent'}{often}:", "", "```")
    yield from (printable(line) for line in example.lines)
    yield "```"


def main() -> None:
    """Write the pages, or say which are not as the rules are."""
    made = pages()
    stale = [
        name
        for name, text in made.items()
        if not (PAGES / name).is_file() or (PAGES / name).read_text() != text
    ]
    stale += sorted(path.name for path in PAGES.glob("*.md") if path.name not in made)
    if "--check" in sys.argv:
        if stale:
            sys.exit(f"not as the rules are: {', '.join(stale)}; run tools/rule-pages")
        return
    PAGES.mkdir(exist_ok=True)
    for path in PAGES.glob("*.md"):
        path.unlink()
    for name, text in made.items():
        (PAGES / name).write_text(text)


if __name__ == "__main__":
    main()
