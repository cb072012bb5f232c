"""ntfy, Slack and Telegram on loopback, as their documentation describes them: each refuses what the real one refuses.

Sources: docs.ntfy.sh/publish (publish as JSON, limitations) and its error list; docs.slack.dev (incoming
webhooks, chat.postMessage, Block Kit); core.telegram.org/bots/api (sendMessage, making requests).
"""

import contextlib
import dataclasses
import html
import json
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], Any]
Serve = Callable[[str, dict[str, str], Any], Reply]
WAIT = 77


@dataclasses.dataclass
class Far:
    """The far end of a channel: what it got (a text and the key it came under), and how it answers.

    `answer` is yes, later (busy, with a wait) or never (a refusal). `receipt` is what a yes must read like;
    `keyed` says that a repeat can be told from another notice.
    """

    config: dict[str, str]
    got: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    answer: str = "yes"
    receipt: str = r"HTTP 202"
    keyed: bool = True
    stop: Callable[[], None] = lambda: None
    raw: list[Any] = dataclasses.field(default_factory=list)


class Service(ABC):
    """A service that answers as `far` says, and keeps there what it took (headers and body in `raw`)."""

    def __init__(self, far: Far) -> None:
        self.far = far

    @property
    def answer(self) -> str:
        return self.far.answer

    @abstractmethod
    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        """Answer a request as the service documents it."""

    def take(self, headers: dict[str, str], body: dict[str, Any]) -> int:
        text = html.unescape(json.dumps(body, ensure_ascii=False))
        self.far.got.append((text, body.get("sequence_id", "")))
        self.far.raw.append((headers, body))
        return len(self.far.got)


class Ntfy(Service):
    """The publishing endpoint; the topic `secret` needs the token tk_right."""

    FIELDS = {
        "topic": str, "message": str, "title": str, "tags": list, "priority": int, "actions": list, "click": str,
        "attach": str, "markdown": bool, "icon": str, "filename": str, "delay": str, "email": str, "call": str,
        "sequence_id": str,
    }  # fmt: skip

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        if self.answer == "later":
            error = {"code": 42901, "http": 429, "error": "limit reached: too many requests"}
            return 429, {"Retry-After": str(WAIT)}, error
        if self.answer == "never" or headers.get("authorization") not in {None, "Bearer tk_right"}:
            return 403, {}, {"code": 40301, "http": 403, "error": "forbidden"}
        wrong = self._wrong(path, body)
        if wrong:
            return 400, {}, {"code": 40024, "http": 400, "error": wrong}
        return 200, {}, {"id": f"m{self.take(headers, body)}", "event": "message", "topic": body["topic"]}

    def _wrong(self, path: str, body: Any) -> str:
        if path != "/" or not isinstance(body, dict):
            return "invalid request: JSON is published to the root URL"
        if any(name not in self.FIELDS or not isinstance(v, self.FIELDS[name]) for name, v in body.items()):
            return "invalid request: request body must be valid JSON"
        ids = (body.get("topic", ""), body.get("sequence_id", "x"))
        if not all(re.fullmatch(r"[-_A-Za-z0-9]{1,64}", each) for each in ids):
            return "invalid request: topic invalid"
        if not 1 <= body.get("priority", 3) <= 5 or len(body.get("message", "").encode()) > 4_096:
            return "invalid request: priority invalid, or the message would become an attachment"
        if len(body.get("actions", [])) > 3 or any(self._action_wrong(a) for a in body.get("actions", [])):
            return "invalid request: actions invalid"
        return "" if all(isinstance(tag, str) for tag in body.get("tags", [])) else "invalid tags"

    @staticmethod
    def _action_wrong(action: dict[str, Any]) -> bool:
        known = {"action", "label", "url", "clear"}
        if action.get("action") == "http":
            known |= {"method", "headers", "body"}
        return action.get("action") not in {"view", "http"} or bool(set(action) - known) or not action["url"]


class SlackHook(Service):
    """An incoming webhook: the answers are plain text."""

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        if self.answer == "later":
            return 429, {"Retry-After": str(WAIT)}, "rate_limited"
        if self.answer == "never":
            return 404, {}, "no_service"
        if not isinstance(body, dict) or set(body) - {"text", "attachments", "blocks"} or slack_wrong(body):
            return 400, {}, "invalid_payload"
        self.take(headers, body)
        return 200, {}, "ok"


class SlackApi(Service):
    """chat.postMessage: refusals come with status 200."""

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        if self.answer == "later":
            return 429, {"Retry-After": str(WAIT)}, {"ok": False, "error": "ratelimited"}
        if self.answer == "never" or headers.get("authorization") != "Bearer xoxb-1234567890-right":
            return 200, {}, {"ok": False, "error": "invalid_auth"}
        known = {"channel", "text", "attachments", "blocks", "unfurl_links"}
        if (
            path != "/api/chat.postMessage"
            or set(body) - known
            or not body.get("channel")
            or slack_wrong(body)
        ):
            return 200, {}, {"ok": False, "error": "invalid_arguments"}
        return 200, {}, {"ok": True, "channel": "C1", "ts": f"1.{self.take(headers, body)}"}


def slack_wrong(body: dict[str, Any]) -> bool:
    """Tell whether Slack would refuse the text, attachments or blocks."""
    if not body.get("text") or not loose_signs_escaped(body["text"]):
        return True
    for attachment in body.get("attachments", []):
        colour = re.fullmatch(r"#[0-9a-f]{6}", attachment.get("color", ""))
        if not colour or set(attachment) - {"color", "blocks"} or not attachment["blocks"]:
            return True
        if any(_block_wrong(block) for block in attachment["blocks"]):
            return True
    return False


def _block_wrong(block: dict[str, Any]) -> bool:
    kind = block.get("type")
    if kind == "header":
        return block["text"]["type"] != "plain_text" or not 1 <= len(block["text"]["text"]) <= 150
    if kind == "section":
        return block["text"]["type"] != "mrkdwn" or _mrkdwn_wrong(block["text"]["text"], 3_000)
    if kind == "context":
        return not 1 <= len(block["elements"]) <= 10 or any(
            _mrkdwn_wrong(element["text"], 2_000) for element in block["elements"]
        )
    if kind == "actions" and len({element["action_id"] for element in block["elements"]}) < len(
        block["elements"]
    ):
        return True
    return kind != "actions" or any(
        element["type"] != "button"
        or element["text"]["type"] != "plain_text"
        or len(element.get("url", "")) > 3_000
        or not ("url" in element or 1 <= len(element["value"]) <= 2_000)
        for element in block["elements"]
    )


def _mrkdwn_wrong(text: str, most: int) -> bool:
    return not 1 <= len(text) <= most or not loose_signs_escaped(text)


def loose_signs_escaped(text: str) -> bool:
    """Tell whether &, < and > stand escaped, as Slack asks of text that is not a link."""
    return not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text)


class Telegram(Service):
    """The Bot API with one bot, 123456:right… ; HTML must be well-formed and of the tags it knows."""

    TOKEN = "123456:right-right-right-right"

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        if self.answer == "later":
            text = f"Too Many Requests: retry after {WAIT}"
            return 429, {}, {**self._error(429, text), "parameters": {"retry_after": WAIT}}
        if self.answer == "never":
            return 403, {}, self._error(403, "Forbidden: bot was blocked by the user")
        if path != f"/bot{self.TOKEN}/sendMessage":
            return 401, {}, self._error(401, "Unauthorized")
        wrong = self._wrong(body)
        if wrong:
            return 400, {}, self._error(400, f"Bad Request: {wrong}")
        return 200, {}, {"ok": True, "result": {"message_id": self.take(headers, body), "date": 1}}

    def _wrong(self, body: dict[str, Any]) -> str:
        known = {
            "chat_id",
            "text",
            "parse_mode",
            "disable_notification",
            "link_preview_options",
            "reply_markup",
        }
        if set(body) - known or body.get("parse_mode") != "HTML":
            return "unknown arguments"
        reader = _Html()
        reader.feed(body["text"])
        if reader.bad or reader.open or re.search(r"&(?!amp;|lt;|gt;|quot;)", body["text"]):
            return "can't parse entities"
        if not 1 <= len(reader.text.encode("utf-16-le")) // 2 <= 4_096:
            return "message is too long" if reader.text else "message text is empty"
        if any(
            _button_wrong(b) for row in body.get("reply_markup", {}).get("inline_keyboard", []) for b in row
        ):
            return "BUTTON_DATA_INVALID"
        return "" if re.fullmatch(r"-?[0-9]+|@\w+", body["chat_id"]) else "chat not found"

    @staticmethod
    def _error(code: int, text: str) -> dict[str, Any]:
        return {"ok": False, "error_code": code, "description": text}


def _button_wrong(button: dict[str, Any]) -> bool:
    """Tell whether Telegram would refuse an inline button: it does one thing, and bears 64 bytes at most."""
    kinds = {"url", "callback_data"} & set(button)
    return (
        len(kinds) != 1 or not 1 <= len(button.get("callback_data", "x").encode()) <= 64 or not button["text"]
    )


class PagerDuty(Service):
    """`/v2/enqueue` of the Events API v2 with one integration key (developer.pagerduty.com/docs/send-alert-event)."""

    KEY = "right0right0right0right0right0ab"
    ACTIONS = {"trigger", "acknowledge", "resolve"}

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        if self.answer == "later":
            return 429, {"Retry-After": str(WAIT)}, {"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly."}  # fmt: skip
        wrong = ["Invalid routing key"] if self.answer == "never" else self._wrong(path, body)
        if wrong:
            return 400, {}, {"status": "invalid event", "message": "Event object is invalid", "errors": wrong}
        self.far.got.append((html.unescape(json.dumps(body, ensure_ascii=False)), body["dedup_key"]))
        self.far.raw.append((headers, body))
        return 202, {}, {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]}

    def _wrong(self, path: str, body: dict[str, Any]) -> list[str]:
        payload = body["payload"]
        return [
            name
            for name, bad in {
                "path": path != "/v2/enqueue",
                "routing_key": body["routing_key"] != self.KEY,
                "event_action": body["event_action"] not in self.ACTIONS,
                "dedup_key": not 1 <= len(body["dedup_key"]) <= 255,
                "summary": not 1 <= len(payload["summary"]) <= 1_024,
                "source": not payload["source"],
                "severity": payload["severity"] not in {"critical", "error", "warning", "info"},
                "links": any(set(link) != {"href", "text"} for link in body["links"]),
                "size": len(json.dumps(body)) > 512_000,
            }.items()
            if bad
        ]


class Opsgenie(Service):
    """Create and close of the Alert API with one key (docs.opsgenie.com/docs/alert-api)."""

    KEY = "right-right-right"

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        if self.answer == "later":
            return (
                429,
                {"Retry-After": str(WAIT)},
                {"message": "You are making too many requests!", "took": 0.1},
            )
        if self.answer == "never" or headers.get("authorization") != f"GenieKey {self.KEY}":
            return 403, {}, {"message": "Could not authenticate", "took": 0.1, "requestId": "r"}
        closed = re.fullmatch(r"/v2/alerts/([\w-]{1,512})/close\?identifierType=alias", path)
        wrong = set(body) - {"source", "note", "user"} if closed else self._wrong(path, body)
        if wrong:
            return (
                422,
                {},
                {"message": f"Request body is not processable: {wrong}", "took": 0.1, "requestId": "r"},
            )
        self.far.got.append(
            (html.unescape(json.dumps(body, ensure_ascii=False)), body.get("alias", "") or closed[1])
        )  # type: ignore[index]
        self.far.raw.append((path, body))
        return (
            202,
            {},
            {"result": "Request will be processed", "took": 0.1, "requestId": f"r{len(self.far.got)}"},
        )

    @staticmethod
    def _wrong(path: str, body: dict[str, Any]) -> set[str]:
        most = {
            "message": 130,
            "alias": 512,
            "description": 15_000,
            "entity": 512,
            "source": 100,
            "priority": 2,
        }
        wrong = {name for name, limit in most.items() if len(body[name]) > limit}
        wrong |= set(body) - {*most, "tags", "details"}
        wrong |= {"details"} if sum(len(k) + len(v) for k, v in body["details"].items()) > 8_000 else set()
        wrong |= {"tags"} if len(body["tags"]) > 20 or any(len(tag) > 50 for tag in body["tags"]) else set()
        return wrong | ({"path"} if path != "/v2/alerts" or not body["message"] else set())


class SmsGateway(Service):
    """A gateway that takes a number and a text as JSON, and says `success` where another says an error with 200."""

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        if self.answer == "later":
            return 503, {"Retry-After": str(WAIT)}, "busy"
        if self.answer == "never" or headers.get("x-key") != "hushhush":
            return 403, {}, "wrong key"
        if path != "/sms?ref=k%26" or set(body) != {"to", "text"}:
            return 200, {}, "error 301"
        self.take(headers, {"text": body["text"]})
        return 200, {}, "success 100"


class _Html(HTMLParser):
    """Reads HTML as Telegram does: the text, the tags that stay open, and whether one is unknown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open, self.bad = "", list[str](), False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.bad |= tag not in {"b", "i", "u", "s", "a", "code", "pre", "blockquote"}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.bad |= not self.open or self.open.pop() != tag

    def handle_data(self, data: str) -> None:
        self.text += data


@contextlib.contextmanager
def serving(service: Service) -> Iterator[str]:
    """Serve on loopback; yield the address; `far.stop` stops it early."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kind = self.headers["Content-Type"].partition(";")[0]
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = service.serve(self.path, headers, body) if kind == "application/json" else (415, {}, "")
            status, extra, answer = reply
            data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**extra, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    def stop() -> None:
        if thread.is_alive():
            server.shutdown()
            server.server_close()
            thread.join()

    service.far.stop = stop
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stop()
