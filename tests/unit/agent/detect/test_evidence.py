"""Lines as evidence: the quick look for secrets passes over none that would be masked."""

from hypothesis import example, given
from hypothesis import strategies as st

from vedette.agent.detect import evidence

PIECES = [
    "password", "PWD", "api_key", "sid", "code", "authorization", "basic ", "Bearer ", "=", ":", '"', " ", "\t", "\x1c", "%3d",
    "%3D", "://", "@", "u", "/", "&", "hunter2hunter2", "\u00a0", "\u212a", "é", "-",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("GET /x?code=abc HTTP/1.1")
@example('{"toKen" : "abc"}')
@example("https://deploy:hunter2@example.com/")
@example("Authorization: Basic YWxhZGRpbjpvcGVu")
def test_what_would_be_masked_is_found(line: str) -> None:
    masked = evidence.secrets_masked(line)
    assert evidence.shown(line) == evidence.printable(masked)


def test_an_ordinary_line_is_shown_as_it_is() -> None:
    line = '192.0.2.7 - - [30/Sep/2021:09:58:05 +0200] "GET /owa/auth/logon.aspx HTTP/1.1" 404 162 "-" "Mozilla/5.0 (http://a.example)"'
    assert evidence.shown(line) == line
