"""Labelled pairs of events: the same problem told differently, or two problems that look alike. Seeded, so always the same.

What a change does to an event is written here without any help of the product's: a change says what happened in the
world (a rebuild, another locale, another engine), the product has to see through it.
"""

import dataclasses
import random
import re
from collections.abc import Callable, Iterator
from itertools import combinations

from tests.support import apps
from tests.support.apps import App, Json

SEED = 20261125
ROUNDS = 2
_HEX = "0123456789abcdef"
_WORDS = ("items", "price", "basket", "voucher", "address", "country")


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two events, the kind of change between them, and whether they are the same problem."""

    kind: str
    same: bool
    origin: str
    first: Json
    second: Json


Change = Callable[[App, random.Random], App | None]


def own_pairs(seed: int = SEED) -> Iterator[Pair]:
    """Yield the pairs made of `apps`."""
    chance = random.Random(seed)
    for app in apps.STACKED:
        for same, changes in ((True, SAME), (False, DIFFERENT)):
            for kind, change in changes.items():
                for _ in range(ROUNDS):
                    changed = change(app, chance)
                    if changed is not None:
                        yield Pair(
                            kind,
                            same,
                            app.name,
                            apps.event(app, values(chance)),
                            apps.event(changed, values(chance)),
                        )
    yield from _message_pairs(chance)
    yield from _other_pairs(chance)


def values(chance: random.Random) -> Json:
    """Return one occurrence's values, by the names that messages use."""
    digits = str(chance.randrange(1, 10**6))
    return {
        "int": digits, "float": f"{chance.uniform(1, 900):.2f}", "word": chance.choice(_WORDS), "hex": f"0x{hexes(chance, 12)}",
        "email": f"anna{digits}@shop{chance.randrange(9)}.example.org", "ip": f"10.{chance.randrange(256)}.0.{chance.randrange(256)}:5432",
        "uuid": "-".join(hexes(chance, n) for n in (8, 4, 4, 4, 12)), "url": f"https://shop.example/orders/{digits}?page=2",
        "duration": chance.choice(("30 s", "1500ms", "1h30m5s", "2.5 seconds")), "size": chance.choice(("12 KB", "1.5 MiB", "900 bytes")),
        "date": f"2026-11-{chance.randrange(10, 28)} 0{chance.randrange(9)}:15:00", "sha": hexes(chance, 64),
        "stripe": f"ch_3N{_mixed(chance, 18)}7", "ulid": f"01ARZ3NDEKTSV4RRFFQ69G5F{chance.randrange(10, 99)}",
        "quoted": chance.choice(("'tea'", '"a green cup"', "“Teekanne”", "«thé»", "`cup`")),
    }  # fmt: skip


def hexes(chance: random.Random, length: int) -> str:
    return "0" + "".join(chance.choice(_HEX) for _ in range(length - 2)) + "f"


def _mixed(chance: random.Random, length: int) -> str:
    return "".join(chance.choice("abcdXYZ019") for _ in range(length))


# --- the same problem -------------------------------------------------------------------------------------------


def _restack(app: App, rename: Callable[[str, str, bool], tuple[str, str, bool]]) -> App | None:
    """Return an application whose frames were renamed; None when nothing of it was to be renamed."""
    stack = tuple(rename(*frame) for frame in app.stack)
    return dataclasses.replace(app, stack=stack) if stack != app.stack else None


def _nothing(app: App, chance: random.Random) -> App | None:
    return app


def _other_build(app: App, chance: random.Random) -> App | None:
    """Build the bundle anew: other hashes of files, other short names."""
    names = iter(chance.sample(("a", "r", "Xt", "ze", "$", "qn"), 6))

    def rename(place: str, function: str, own: bool) -> tuple[str, str, bool]:
        place = re.sub(r"\.[0-9a-f]{8}\.", f".{hexes(chance, 8)}.", place).replace(
            "index-BkH3_x9a", f"index-Q{_mixed(chance, 6)}9"
        )
        if not app.minified:
            return place, function, own
        return (
            place.replace("/123.", f"/{chance.randrange(200, 900)}."),
            re.sub(r"\d+$", "77", function) if "." in function else next(names),
            own,
        )

    return _restack(app, rename) if app.platform == "javascript" else None


_BETWEEN = {
    "python": (("asyncio.runners", "run", False), ("asyncio.base_events", "run_until_complete", False)),
    "javascript": (("<anonymous>", "Generator.next", True), ("https://shop.example/static/app.4f3e2d1c.js", "asyncGeneratorStep", True),
                   ("https://shop.example/static/app.4f3e2d1c.js", "_next", True), ("index 0", "Promise.all", True), ("<anonymous>", "new Promise", True)),
    "node": (("node:internal/process/task_queues", "process.processTicksAndRejections", False), ("index 0", "async Promise.all", True)),
    "java": (("java.util.concurrent.CompletableFuture", "uniApply", False), ("java.util.concurrent.ForkJoinPool", "runWorker", False)),
    "csharp": (("System.Runtime.CompilerServices.TaskAwaiter", "ThrowForNonSuccess", False),),
    "dart": (("dart:async", "_RootZone.runUnary", False), ("", "<asynchronous suspension>", False)),
    "rust": (("core::future", "core::future::poll", False),),
    "ruby": (("/usr/local/bundle/gems/async-2.1.0/lib/task.rb", "block in run", False),),
}  # fmt: skip


def _async_frames(app: App, chance: random.Random) -> App | None:
    between = _BETWEEN.get(app.platform)
    if between is None or app.lines:
        return None
    kept = between if app.platform != "javascript" or not app.minified else between[-2:]
    return dataclasses.replace(
        app, stack=(*app.stack[:1], *kept[: chance.randrange(1, len(kept) + 1)], *app.stack[1:])
    )


def _framework(app: App, chance: random.Random) -> App | None:
    """Update the framework: other versions in its paths, other functions of its own, another frame or none."""

    def rename(place: str, function: str, own: bool) -> tuple[str, str, bool]:
        place = place.replace("14.1.0_react@18.2.0", "15.0.3_react@19.0.0").replace(
            "actionpack-7.0.4", "actionpack-8.0.0.rc1"
        )
        place = re.sub(r"\$\$EnhancerBySpringCGLIB\$\$\w+", "$$SpringCGLIB$$0", place)
        return place, function if own else f"{function}_impl", own

    changed = _restack(app, rename)
    drop = changed is not None and chance.random() < 0.5 and not changed.stack[0][2] and not app.cause
    return dataclasses.replace(changed, stack=changed.stack[1:]) if changed is not None and drop else changed


_TRANSLATED = (
    "Die Bestellung {int} wurde abgelehnt",
    "la commande {int} a été refusée",
    "注文 {int} は拒否されました",
)


def _locale(app: App, chance: random.Random) -> App | None:
    """Say the message in another language: where a stack tells what happened, it must not matter."""
    return None if app.minified else dataclasses.replace(app, value=chance.choice(_TRANSLATED))


_GENERATED = (
    (r"lambda\$charge\$0", "lambda$charge$4"), (r"\$\$EnhancerBySpringCGLIB\$\$\w+", "$$EnhancerBySpringCGLIB$$99ffee00"), (r"d__5", "d__11"),
    (r"b__0_1", "b__3_0"), (r"func1", "func2.1"), (r"::h[0-9a-f]{16}", "::h00ff00ff00ff00ff"), (r" \[clone .isra.0\]", " [clone .constprop.3]"),
    (r"lambda\$3", "lambda$12"), (r"invoke_2", "invoke"), (r"__42-", "__57-"), (r"\(1\) await", "(2) await"), (r"Object\.4837", "Object.9911"),
)  # fmt: skip


def _generated(app: App, chance: random.Random) -> App | None:
    """Compile again: the numbers in generated names differ."""

    def rename(place: str, function: str, own: bool) -> tuple[str, str, bool]:
        for pattern, instead in _GENERATED:
            place, function = re.sub(pattern, instead, place), re.sub(pattern, instead, function)
        return place, function, own

    return _restack(app, rename)


def _deployed(app: App, chance: random.Random) -> App | None:
    """Deploy elsewhere: another release's folder, another host, another user's home."""
    folder = chance.choice((f"releases/2026{chance.randrange(10**9, 10**10)}", "current"))

    def rename(place: str, function: str, own: bool) -> tuple[str, str, bool]:
        place = re.sub(r"releases/\d+", folder, place).replace(
            "https://shop.example/", "https://cdn.example.net/"
        )
        return place, function, own

    return _restack(app, rename)


def _engine(app: App, chance: random.Random) -> App | None:
    """Run in another engine, which writes the names of functions its own way."""
    write = chance.choice(
        (
            "{}",
            "Object.{}",
            "async*{}",
            "new {}",
            "Cart.prototype.{}",
            "{}/<",
            "Cart/this.{}",
            "{} [as handler]",
            "async {}",
        )
    )

    def rename(place: str, function: str, own: bool) -> tuple[str, str, bool]:
        return place, write.format(function) if own else function, own

    return _restack(app, rename) if app is apps.BROWSER else None


def _language(app: App, chance: random.Random) -> App | None:
    """Update the language: Ruby 3.4 names the class, Python 3.12 has no frames of comprehensions any more."""
    if app.platform == "ruby":
        return _restack(
            app, lambda place, function, own: (place, f"Shop::Cart#{function}" if own else function, own)
        )
    if app.platform == "python" and not app.lines:
        place = app.stack[-1][0] if app.stack[-1][2] else app.stack[-2][0]
        at = len(app.stack) if app.stack[-1][2] else len(app.stack) - 1
        return dataclasses.replace(app, stack=(*app.stack[:at], (place, "<listcomp>", True), *app.stack[at:]))
    return None


def _recursion(app: App, chance: random.Random) -> App | None:
    """Go deeper: two functions of the application call each other some more times."""
    own = [frame for frame in app.stack if frame[2]]
    turns = own * chance.randrange(2, 30) + own[: chance.randrange(len(own))]
    return None if app.lines else dataclasses.replace(app, stack=(*app.stack[:-1], *turns, *app.stack[-1:]))


SAME: dict[str, Change] = {
    "ids in messages": _nothing, "minified names": _other_build, "async frames": _async_frames, "framework versions": _framework,
    "locale": _locale, "generated names": _generated, "place of deployment": _deployed, "engines": _engine, "language versions": _language,
    "depth of a recursion": _recursion,
}  # fmt: skip


# --- different problems -----------------------------------------------------------------------------------------


def _other_kind(app: App, chance: random.Random) -> App | None:
    return dataclasses.replace(
        app, kind=chance.choice(("TimeoutError", "java.lang.Error", "OverflowError", "SIGABRT"))
    )


def _rename_one(app: App, number: int, place: str = "", function: str = "") -> App:
    where, said, own = app.stack[number]
    renamed = (place or where, function or said, own)
    return dataclasses.replace(app, stack=(*app.stack[:number], renamed, *app.stack[number + 1 :]))


def _own(app: App) -> list[int]:
    return [number for number, (_, _, own) in enumerate(app.stack) if own]


_NAME = re.compile(
    r"(charge|check|total|of|pay|load|Find|PayAsync|render|validate|fetchOne|renderItems|show)(?=\W|$)"
)


def _other_function(app: App, chance: random.Random) -> App | None:
    """Break in another function of the application."""
    if app.minified or app.lines:
        return None
    number = _own(app)[-1]
    said = app.stack[number][1]
    named = _NAME.sub(lambda found: found[1] + chance.choice(("Refund", "Again", "Later")), said, count=1)
    return _rename_one(app, number, function=named) if named != said else None


def _other_caller(app: App, chance: random.Random) -> App | None:
    if app.minified:
        return None
    said = app.stack[_own(app)[0]][1]
    return _rename_one(
        app,
        _own(app)[0],
        function=re.sub(r"([A-Za-z]{3,})", r"\1Draft", said, count=1)
        if "clos" not in said
        else "shop::gift::wrap",
    )


def _other_module(app: App, chance: random.Random) -> App | None:
    """Break in a function of the same name elsewhere."""
    number = _own(app)[-1]
    place = app.stack[number][0]
    moved = re.sub(
        r"(\w{3,})((?:[.-][\w<>-]+)?\.\w{2,5}|)$", rf"\1{chance.choice(('gifts', 'admin'))}\2", place, count=1
    )
    return _rename_one(app, number, place=moved) if not app.minified and moved != place else None


def _other_cause(app: App, chance: random.Random) -> App | None:
    return dataclasses.replace(
        app, cause=chance.choice(("ConnectionError", "java.net.SocketException", "LookupError"))
    )


def _other_message(app: App, chance: random.Random) -> App | None:
    """Say something else where a minified stack says nothing."""
    return (
        dataclasses.replace(app, value=chance.choice(("no voucher for {int}", "the network is down")))
        if app.minified
        else None
    )


def _other_source(app: App, chance: random.Random) -> App | None:
    """Break in another function without a name."""
    return dataclasses.replace(app, lines=(*app.lines[:-1], "lambda price: price.tax")) if app.lines else None


DIFFERENT: dict[str, Change] = {
    "exception type": _other_kind, "function": _other_function, "caller": _other_caller, "module": _other_module, "cause": _other_cause,
    "message of a minified stack": _other_message, "source of a nameless function": _other_source,
}  # fmt: skip


# --- messages, fingerprints, reports ----------------------------------------------------------------------------

_BY_LOCALE = (
    ("total {} is wrong", ("1,234.50", "1.234,50", "12,50", "0.99", "1'234.50")), ("{} rows were lost", ("1,234,567", "1.234.567", "999", "1,234")),
    ("closed on {}", ("25.11.2026", "11/25/2026", "2026-11-25", "Nov 25, 2026", "25 Nov 2026")), ("no file {}", ("'a b'", '"a b"', "„a b“", "«a b»", "“a b”")),
    ("opens at {}", ("10:30:00", "9:15 AM", "11:00:01")),
)  # fmt: skip
_WORDED = {
    "could not be packed": "could not be sent", "timed out": "was reset", "answered": "redirected to", "failed": "was stopped", "was refused": "was doubled",
    "open basket": "read basket", "no product": "no voucher", "was paid": "was promised", "does not match": "is missing", "is gone": "is idle",
}  # fmt: skip


def _message_pairs(chance: random.Random) -> Iterator[Pair]:
    for template in apps.MESSAGES:
        for _ in range(ROUNDS):
            first, second = ({"message": template.format_map(values(chance))} for _ in range(2))
            yield Pair("ids in messages", True, template, first, second)
            other = template
            for said, instead in _WORDED.items():
                other = other.replace(said, instead)
            yield Pair(
                "words of a message", False, template, first, {"message": other.format_map(values(chance))}
            )
            kinds = [{"exception": [{"type": "E", "value": event["message"]}]} for event in (first, second)]
            yield Pair("values without a stack", True, template, kinds[0], kinds[1])
    for template, forms in _BY_LOCALE:
        for one, other in combinations(forms, 2):
            yield Pair(
                "locale",
                True,
                template,
                {"message": template.format(one)},
                {"message": template.format(other)},
            )


def _other_pairs(chance: random.Random) -> Iterator[Pair]:
    """Yield pairs of applications that have nothing in common, of clients' fingerprints, and of security reports."""
    for one, other in chance.sample(list(combinations(apps.STACKED, 2)), 40):
        yield Pair(
            "two applications",
            False,
            f"{one.name} {other.name}",
            apps.event(one, values(chance)),
            apps.event(other, values(chance)),
        )
    base = apps.event(apps.PYTHON, values(chance))
    for tenant in ("acme", "globex", "initech"):
        said = {**base, "fingerprint": ["{{ default }}", tenant]}
        yield Pair("client's fingerprint", False, tenant, base, said)
        yield Pair(
            "client's fingerprint",
            True,
            tenant,
            {**apps.event(apps.GO, values(chance)), "fingerprint": [tenant]},
            {**base, "fingerprint": [tenant]},
        )
    for directive in ("img-src", "style-src", "font-src"):
        first = {"csp": {"effective_directive": "script-src", "blocked_uri": "https://evil.example/a.js"}}
        yield Pair(
            "security report",
            False,
            directive,
            first,
            {"csp": {**first["csp"], "effective_directive": directive}},
        )
        yield Pair(
            "security report",
            True,
            directive,
            first,
            {"csp": {**first["csp"], "blocked_uri": f"https://evil.example/{directive}.js?v=2"}},
        )
