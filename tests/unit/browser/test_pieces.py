"""Pieces of the browser client, run in node: what is taken out of texts, and stacks of every browser."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.js_site import JS, installed

Run = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs calls `[piece, argument, ...]` and returns what came of each."""
    program = tmp_path_factory.mktemp("pieces") / "pieces.cjs"
    command = [
        installed() / ".bin/esbuild",
        "client_pieces.ts",
        "--bundle",
        "--platform=node",
        f"--outfile={program}",
    ]
    subprocess.run(command, cwd=JS, check=True, capture_output=True)

    def run(*calls: list[object]) -> list[Any]:
        done = subprocess.run(
            ["node", program], input=json.dumps(calls), capture_output=True, text=True, check=True
        )
        return list(json.loads(done.stdout))

    return run


CLEAN = {
    "GET https://shop.example/pay?card=4111 failed": "GET https://shop.example/pay?… failed",
    "see /pay#token=1 and /cart?x=2": "see /pay?… and /cart?…",
    "https://ann:secret@shop.example/x": "https://shop.example/x",
    "is it /this? or that?": "is it /this? or that?",
    "no address at all? none": "no address at all? none",
    "x" * 3000: "x" * 2048,
}
ADDRESSES = {
    "/pay?card=4111": "https://shop.example/pay?…",
    "stock.js": "https://shop.example/stock.js",
    "https://cdn.example/a.js#sri": "https://cdn.example/a.js?…",
    "http://[": "http://[",
}
STACKS = {
    "chromium": (
        "TypeError: x is null\n    at pay (https://shop.example/app.js?v=3:10:20)\n    at async Basket.open (https://shop.example/app.js:7:1)\n    at https://shop.example/app.js:1:2\n    at Array.map (<anonymous>)",
        [("https://shop.example/app.js", None, 1, 2), ("https://shop.example/app.js", "async Basket.open", 7, 1), ("https://shop.example/app.js?…", "pay", 10, 20)],
    ),
    "firefox": (
        "pay@https://shop.example/app.js:10:20\n@https://shop.example/app.js:7:1\nopen/<@https://shop.example/app.js:1:2\n",
        [("https://shop.example/app.js", "open/<", 1, 2), ("https://shop.example/app.js", None, 7, 1), ("https://shop.example/app.js", "pay", 10, 20)],
    ),
    "safari": (
        "pay@https://shop.example/app.js:10:20\nmap@[native code]\nglobal code@https://shop.example/app.js:7:1",
        [("https://shop.example/app.js", "global code", 7, 1), ("https://shop.example/app.js", "pay", 10, 20)],
    ),
    "nothing": ("", []),
}  # fmt: skip


def test_addresses_in_texts_lose_what_may_be_private(run: Run) -> None:
    assert run(*(["clean", text] for text in CLEAN)) == list(CLEAN.values())


def test_addresses_are_made_whole_and_cleaned(run: Run) -> None:
    assert run(*(["address", text] for text in ADDRESSES)) == list(ADDRESSES.values())


def test_objects_are_named_by_their_keys_alone(run: Run) -> None:
    said = run(
        ["describe", {"name": "Ann", "card": 4111}],
        ["describe", "tea"],
        ["describe", None],
        ["describe", [7]],
    )
    assert said == ["{name,card}", "tea", "null", "{0}"]


def test_stacks_are_read(run: Run) -> None:
    every = run(*(["frames", stack, 0] for stack, _ in STACKS.values()))
    for browser, found in zip(STACKS, every, strict=True):
        told = [(f["filename"], f.get("function") or None, f["lineno"], f["colno"]) for f in found]
        assert (browser, told) == (browser, STACKS[browser][1])
    assert run(["frames", STACKS["safari"][0], 1]) == [every[list(STACKS).index("safari")][:-1]]


def test_a_long_line_costs_no_more_than_its_length(run: Run) -> None:
    """Read whole, the expression would look at the square of 200,000 characters."""
    assert run(["frames", "@:1:2 " * 33_000 + "x", 0]) == [[]]


@settings(max_examples=3, deadline=None)  # each is a hundred texts and a process
@given(st.lists(st.text() | st.text(alphabet="/?#@:…(at) 0\n"), min_size=100, max_size=200))
def test_any_text_is_taken_and_nothing_is_left_to_clean(run: Run, texts: list[str]) -> None:
    cleaned = run(*(["clean", text] for text in texts))
    assert run(*(["clean", text] for text in cleaned)) == cleaned
    assert len(
        run(*(["frames", text, 0] for text in texts), *(["address", text] for text in texts))
    ) == 2 * len(texts)


def test_what_is_cleaned_takes_time_by_its_length_only(run: Run) -> None:
    """`fetch(dataUrl)` is how a Blob is made: of a megabyte it took half a minute, on the page's own thread."""
    data = "data:image/png;base64," + "iVBORw0KGgo/AAAA+" * 60_000
    found = run(["clean", data], ["address", data], ["clean", "/" * 1_000_000])
    assert found[:2] == [data[:2048], data[:2048]]
    assert found[2] == "/" * 2048
