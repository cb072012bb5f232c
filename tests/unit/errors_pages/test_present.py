"""How an event and an issue are put into words, part by part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors.present import crumbs, event, frames, history, issue, markdown, source, values
from vedette.errors.query import parse
from vedette.errors.types import Entry, Event, Issue, Level, Part, State, Status, Tag, TagValue

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def an_issue(state: State = State.NEW, level: Level = Level.ERROR, **more: object) -> Issue:
    fields: dict[str, object] = {
        "id": 7, "short_id": "SHOP-1", "project": 1, "project_slug": "shop", "project_name": "Shop", "status": Status.OPEN,
        "state": state, "level": level, "title": "ValueError: no", "kind": "ValueError", "message": "no", "culprit": "a in b",
        "platform": "python", "logger": "", "handled": None, "first_seen": 1.0, "last_seen": 2.0, "events": 3, "users": 0,
        "component": "exception", "parts": (Part("exception type", "ValueError"),),
    }  # fmt: skip
    return Issue(**{**fields, **more})  # type: ignore[arg-type]


class TestValues:
    def test_an_object_reads_as_dotted_rows(self) -> None:
        found = values.rows({"a": {"b": 1, "c": [True, None]}, "d": [{"e": "x"}]})
        assert [(r.name, r.text) for r in found] == [("a.b", "1"), ("a.c", "[true, null]"), ("d[0].e", "x")]

    def test_a_long_list_takes_a_row_each(self) -> None:
        found = values.rows(["x" * 100, "y" * 100, "z" * 100], "args")
        assert [r.name for r in found] == ["args[0]", "args[1]", "args[2]"]

    @pytest.mark.parametrize(("text", "read"), [
        ("[Filtered]", (("", "hidden"),)),
        ("[Filtered: password]", (("", "hidden by rule “password”"),)),
        ("a=[Filtered: token]&b=1", (("a=", "hidden by rule “token”"), ("&b=1", ""))),
        ("nothing is hidden here", (("nothing is hidden here", ""),)),
        ("", (("", ""),)),
    ])  # fmt: skip
    def test_what_a_rule_took_out_is_named(self, text: str, read: tuple[tuple[str, str], ...]) -> None:
        assert values.pieces(text) == read

    @given(st.text() | st.text(alphabet="[Filtered: x]"))
    def test_nothing_that_was_kept_is_lost(self, text: str) -> None:
        assert len("".join(kept for kept, _ in values.pieces(text))) <= len(text)
        if "[Filtered" not in text:
            assert values.pieces(text) == ((text, ""),)

    def test_too_many_rows_end_with_a_word(self) -> None:
        found = values.rows({str(i): i for i in range(values.MOST_ROWS + 5)})
        assert len(found) == values.MOST_ROWS + 1
        assert "raw JSON" in found[-1].text

    @given(JSON)
    def test_no_json_breaks_a_list_of_rows(self, value: object) -> None:
        assert all(isinstance(row.text, str) for row in values.rows(value, "x"))

    @given(JSON)
    def test_pairs_take_whatever_comes(self, value: object) -> None:
        values.pairs(value, "headers")

    def test_headers_come_as_object_or_as_pairs(self) -> None:
        assert values.pairs([["Accept", "*/*"]]) == values.pairs({"Accept": "*/*"})


class TestFrames:
    STACK = {"frames": [
        {"function": "main", "filename": "app.py", "lineno": 1, "in_app": True},
        {"function": "get", "filename": "/x/site-packages/django/a.py", "abs_path": "/x/site-packages/django/a.py"},
        {"function": "post", "filename": "b.py", "abs_path": "/x/site-packages/psycopg/b.py"},
        {"function": "view", "filename": "view.py", "lineno": 5, "in_app": True, "context_line": "boom()"},
        {"function": "raise", "abs_path": "/n/node_modules/@scope/pkg/c.js"},
    ]}  # fmt: skip

    def test_newest_first_and_libraries_folded(self) -> None:
        groups, count = frames.groups_of(self.STACK, "python", unfold=True)
        assert count == 5
        assert [g.label for g in groups] == ["", "", "2 frames in psycopg and django", ""]
        assert [f.function for g in groups for f in g.frames] == ["raise", "view", "post", "get", "main"]

    def test_the_newest_of_yours_stands_open(self) -> None:
        groups, _ = frames.groups_of(self.STACK, "python", unfold=True)
        assert [f.function for g in groups for f in g.frames if f.open] == ["view"]

    def test_with_none_of_yours_the_newest_stands_open(self) -> None:
        stack = {"frames": [{"function": "a"}, {"function": "b"}]}
        groups, _ = frames.groups_of(stack, "native", unfold=True)
        assert [(f.function, f.open) for g in groups for f in g.frames] == [("b", True), ("a", False)]

    def test_a_package_is_named_by_its_path(self) -> None:
        assert frames.origin({"abs_path": "/n/node_modules/@scope/pkg/c.js"}) == "@scope/pkg"
        assert frames.origin({"package": "/usr/lib/libc.so.6"}) == "libc.so.6"
        assert frames.origin({"module": "java.lang.Thread"}) == "java.lang"

    def test_what_no_column_shows_is_a_fact(self) -> None:
        (group,), _ = frames.groups_of(
            {"frames": [{"function": "f", "instruction_addr": "0x1"}]}, "native", unfold=True
        )
        assert group.frames[0].facts == (values.Row("instruction_addr", "0x1"),)

    def test_chains_say_how_they_hang_together(self) -> None:
        chain = frames.exceptions({"values": [
            {"type": "Cause", "mechanism": {"source": "__cause__"}},
            {"type": "Member", "mechanism": {"source": "exceptions[0]"}},
            {"type": "Reported", "mechanism": {"handled": False}},
        ]}, "python")  # fmt: skip
        assert [(s.lead, s.title) for s in chain] == [
            ("", "Reported"),
            ("in the group", "Member"),
            ("caused by", "Cause"),
        ]
        assert chain[0].handled == "unhandled"

    def test_source_lines_keep_their_numbers(self) -> None:
        lines = source.lines_of(
            {"lineno": 10, "pre_context": ["a", "b\nc"], "context_line": "d", "post_context": ["e"]}
        )
        assert [(line.number, line.text, line.hit) for line in lines] == [
            ("8", "a", False), ("9", "b⏎c", False), ("10", "d", True), ("11", "e", False),
        ]  # fmt: skip

    def test_a_thread_that_crashed_comes_first(self) -> None:
        found = frames.threads(
            {"values": [{"id": 1, "name": "idle"}, {"id": 2, "name": "main", "crashed": True}]}, "native"
        )
        assert [(t.title, t.value) for t in found] == [("main", "crashed"), ("idle", "")]


class TestCrumbs:
    def test_nearest_to_the_error_first_with_its_distance(self) -> None:
        found = crumbs.crumbs(
            [{"timestamp": 90.0, "message": "a"}, {"timestamp": "1970-01-01T00:01:39.2Z", "message": "b"}],
            100.0,
        )
        assert [(c.text, c.ago) for c in found] == [("b", "−800 ms"), ("a", "−10 s")]

    @pytest.mark.parametrize(("crumb", "icon"), [
        ({"category": "query"}, "database"), ({"type": "http"}, "network"), ({"category": "ui.click"}, "mouse-pointer-click"),
        ({"type": "navigation"}, "corner-down-right"), ({"category": "x", "level": "error"}, "circle-x"), ({}, "circle"),
    ])  # fmt: skip
    def test_the_kind_of_step_has_an_icon(self, crumb: dict[str, object], icon: str) -> None:
        assert crumbs.crumbs([crumb], 0.0)[0].icon == icon

    def test_a_request_without_a_text_says_what_it_was(self) -> None:
        (crumb,) = crumbs.crumbs(
            [{"type": "http", "data": {"method": "GET", "url": "/x", "status_code": 200}}], 0.0
        )
        assert crumb.text == "GET /x → 200"

    @pytest.mark.parametrize("wrong", ["soon", True, [], {}, "9999999"])
    def test_a_time_that_is_none_breaks_nothing(self, wrong: object) -> None:
        assert len(crumbs.crumbs([{"timestamp": wrong}], 5.0)) == 1


class TestEvent:
    def test_unknown_parts_stand_under_other_data(self) -> None:
        layout = event.lay_out({"platform": "other", "my_own": {"key": "kept"}, "empty": {}}, 0.0)
        other = next(s for s in layout.sections if s.key == "other")
        assert other.rows == (values.Row("my_own.key", "kept"),)

    def test_a_security_report_has_its_own_part(self) -> None:
        layout = event.lay_out(
            {"csp": {"blocked-uri": "https://evil.example", "effective-directive": "script-src"}}, 0.0
        )
        assert [(s.title, s.rows[0].text) for s in layout.security] == [
            ("Content-Security-Policy report", "https://evil.example")
        ]

    def test_a_logged_text_shows_what_it_was_made_from(self) -> None:
        layout = event.lay_out(
            {"logentry": {"formatted": "hi ann", "message": "hi %s", "params": ["ann"]}}, 0.0
        )
        assert layout.message == "hi ann"
        assert [(r.name, r.text) for r in layout.message_rows] == [("message", "hi %s"), ("params", "[ann]")]

    def test_a_template_shows_its_source(self) -> None:
        layout = event.lay_out(
            {"template": {"filename": "a.html", "lineno": 3, "context_line": "{% x %}"}}, 0.0
        )
        assert layout.template is not None
        assert (layout.template.place, layout.template.source[0].number) == ("a.html", "3")

    @given(st.dictionaries(st.sampled_from(sorted(event._DRAWN)), JSON, max_size=6))
    def test_no_shape_of_any_part_breaks_the_layout(self, data: dict[str, object]) -> None:
        layout = event.lay_out(data, 0.0)
        markdown.markdown(markdown.Head("A-1", "t", "m", "c", "l", "s"), layout)

    def test_the_query_is_told_whole_and_in_parts(self) -> None:
        found = event.lay_out({"request": {"url": "http://a/b", "query_string": "x=1&y="}}, 0.0).request
        assert found is not None
        assert found.url == "http://a/b?x=1&y="
        assert found.parts[0].rows == (values.Row("x", "1"), values.Row("y", ""))


class TestIssue:
    @pytest.mark.parametrize(("state", "level", "words"), [
        (State.NEW, Level.ERROR, ("crit", "Open", "New")), (State.ESCALATING, Level.ERROR, ("crit", "Open", "Escalating")), (State.REGRESSED, Level.FATAL, ("crit", "Open", "Came back")),
        (State.ONGOING, Level.WARNING, ("warn", "Open", "")), (State.ONGOING, Level.INFO, ("info", "Open", "")),
        (State.RESOLVED, Level.ERROR, ("ok", "Resolved", "")), (State.MUTED, Level.ERROR, ("off", "Muted for good", "")),
    ])  # fmt: skip
    def test_a_state_is_tone_and_word(self, state: State, level: Level, words: tuple[str, str, str]) -> None:
        found = issue.standing(an_issue(state, level))
        assert (found.tone, found.word, found.tag) == words

    def test_a_mute_says_its_end(self) -> None:
        muted = an_issue(State.MUTED, muted_until=5.0)
        assert issue.standing(muted, "26 Nov, 12:00").word == "Muted until 26 Nov, 12:00"
        assert issue.standing(an_issue(State.MUTED, mute_events=1)).word == "Muted until 1 more event"
        assert issue.standing(an_issue(State.MUTED, mute_users=3)).word == "Muted until 3 more users"
        used = "(it usually has at most 6 in an hour)"
        assert issue.standing(an_issue(State.MUTED, mute_usual=6)).word == f"Muted until it escalates {used}"
        both = an_issue(State.MUTED, mute_users=3, mute_usual=6)
        assert issue.standing(both).word == f"Muted until 3 more users or it escalates {used}"

    @pytest.mark.parametrize(("fixed", "said"), [
        ({"fixed_after": "shop@1.4.2"}, "Resolved in the release after shop@1.4.2"),
        ({"fixed_after": ""}, "Resolved in the next release"), ({"fixed_in": "1.5"}, "Resolved in 1.5"),
    ])  # fmt: skip
    def test_what_is_resolved_in_a_release_says_so(self, fixed: dict[str, str], said: str) -> None:
        assert issue.standing(an_issue(State.RESOLVED, **fixed)).word == said

    @pytest.mark.parametrize(("counts", "said"), [
        ({"new": 3, "regressed": 1, "open": 14}, "3 new, 1 came back, 14 open."), ({"open": 2}, "2 open."),
        ({"open": 0, "resolved": 4}, "Nothing is open."), ({}, "No errors yet."),
    ])  # fmt: skip
    def test_the_list_opens_with_a_sentence(self, counts: dict[str, int], said: str) -> None:
        assert issue.sentence(counts) == said

    def test_an_event_with_source_tells_more_than_a_newer_one_without(self) -> None:
        rich = Event(
            id="a",
            project=1,
            at=1.0,
            received=1.0,
            data={"exception": [{"context_line": "x"}], "request": {"url": "u"}},
        )
        bare = Event(id="b", project=1, at=2.0, received=2.0, data={"message": "x"})
        assert issue.telling([bare, rich]) is rich
        assert issue.telling([]) is None

    def test_tags_whose_values_differ_are_shown_first(self) -> None:
        def tag(key: str, *shares: float) -> Tag:
            return Tag(
                key, 100, tuple(TagValue(f"v{n}", int(s * 100), s, 0.0) for n, s in enumerate(shares)), 0
            )

        tags = (
            tag("browser.name", 0.6, 0.4), tag("browser", 0.5, 0.5), tag("level", 1.0), tag("release", 1.0), tag("mine", 0.7, 0.3),
            tag("user", 0.01, 0.01), tag("os", 0.9, 0.1), tag("handled", 1.0), tag("environment", 0.8, 0.2),
        )  # fmt: skip
        shown, folded = issue.tell_apart(tags)
        assert [t.key for t in shown] == ["environment", "browser", "os", "mine", "release", "level"]
        assert {t.key for t in folded} == {"handled", "browser.name", "user"}

    @pytest.mark.parametrize(("key", "value", "query"), [
        ("release", "2.1", 'release:"2.1"'), ("payment", 'the "big" one', 'tag.payment:"the \\"big\\" one"'),
        ("with space", "x", ""), ("payment", "", ""),
    ])  # fmt: skip
    def test_a_tag_leads_to_the_search_that_finds_it(self, key: str, value: str, query: str) -> None:
        assert issue.term(key, value) == query
        if query:
            (found,) = parse(query).terms
            assert found.value == value

    def test_a_burst_is_drawn_hot_and_noise_is_not(self) -> None:
        assert issue.hot_from([1, 2, 0, 1] * 10 + [40, 60, 55]) == 40
        assert issue.hot_from([3, 2, 4, 3] * 12) is None

    def test_a_trend_takes_colour_only_when_it_stands_out(self) -> None:
        assert issue.trend_tone([1] * 22 + [40, 50], Level.ERROR) == "crit"
        assert issue.trend_tone([20] * 24, Level.ERROR) == ""
        assert issue.trend_tone([1] * 22 + [40, 50], Level.INFO) == ""


class TestHistory:
    def test_a_comment_and_an_act_read_differently(self) -> None:
        said = Entry(id=2, at=2.0, kind="comment", user=1, who="Ann", text="look here")
        done = Entry(id=1, at=1.0, kind="resolved", user=1, who="Ann", text="resolved it")
        first, second = history.lines([said, done])
        assert (first.who, first.text, first.note) == ("Ann", "wrote", "look here")
        assert (second.text, second.tone, second.note) == ("resolved it", "ok", "")


class TestMarkdown:
    def test_title_stack_and_steps_are_in_it(self) -> None:
        data = {
            "exception": {"values": [{"type": "ValueError", "value": "```no", "stacktrace": {"frames": [
                {"function": "view", "filename": "v.py", "lineno": 5, "in_app": True, "context_line": "  boom()"}]}}]},
            "breadcrumbs": [{"timestamp": 9.0, "category": "query", "message": "SELECT `x`"}],
        }  # fmt: skip
        text = markdown.markdown(
            markdown.Head("SHOP-1", "ValueError", "no", "v in view", "http://v/issues/SHOP-1/", "3 events."),
            event.lay_out(data, 10.0),
        )
        assert text.startswith("## [SHOP-1](http://v/issues/SHOP-1/) ValueError\n")
        assert "* view in v.py line 5\n      boom()" in text
        assert "- `query`: `SELECT 'x'` (−1 s)" in text
        assert "````\n```no" in text, "a fence inside is fenced by a longer one"
