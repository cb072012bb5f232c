"""A day in a shop: events as its three applications would send them, for pages that show what they are for."""

import hashlib
import json
from typing import Any

Event = dict[str, Any]
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
)
PAYMENT = """def capture_payment(request, cart, token):
    with transaction.atomic():
        intent = gateway.capture(cart.total, token=token)
        # one order per attempt, so that retries are visible
        order = Order(cart=cart, user=cart.user,
                      idempotency_key=request.headers["Idempotency-Key"])
        order.save(force_insert=True)
        Payment.objects.create(order=order, intent=intent.id)
    return order""".splitlines()
VIEWS = """    form = PayForm(request.POST)
    if form.is_valid():
        try:
            order = capture_payment(request, cart, form.token)
        except gateway.Declined as error:
            return declined(request, error)
    return redirect(order)""".splitlines()


def frame(
    path: str, function: str, line: int, source: list[str], at: int, *, own: bool = True, **values: Any
) -> Event:
    """Return a stack frame whose line `line` is `source[at]`."""
    found: Event = {
        "filename": path,
        "abs_path": f"/srv/{path}",
        "function": function,
        "lineno": line,
        "in_app": own,
        "module": path[:-3].replace("/", "."),
    }
    if source:
        found |= {"pre_context": source[:at], "context_line": source[at], "post_context": source[at + 1 :]}
    return found | ({"vars": values} if values else {})


def library(path: str, function: str, line: int) -> Event:
    return frame(path, function, line, [], 0, own=False)


def exception(
    kind: str, value: str, frames: list[Event], *, module: str = "", handled: bool = False
) -> Event:
    return {
        "type": kind,
        "value": value,
        "module": module,
        "stacktrace": {"frames": frames},
        "mechanism": {"type": "django", "handled": handled},
    }


CHECKOUT_FRAMES = [
    library("django/core/handlers/exception.py", "inner", 55),
    library("django/core/handlers/base.py", "_get_response", 197),
    frame("checkout/views.py", "post", 61, VIEWS, 3, cart="<Cart 91120: 3 items, € 68.90>"),
    frame(
        "checkout/services/payment.py", "capture_payment", 143, PAYMENT, 6, cart="<Cart 91120: 3 items, € 68.90>",
        intent="<Intent pi_3Qx captured>", token="tok_visa_4242424242424242", idempotency_key="'48213-91120-1'",
    ),
    library("django/db/models/base.py", "save", 891),
    library("django/db/backends/utils.py", "_execute", 105),
    library("psycopg/cursor.py", "execute", 97),
]  # fmt: skip
CAUSE = exception(
    "UniqueViolation",
    'duplicate key value violates unique constraint "checkout_order_idempotency_key_key"',
    [library("psycopg/cursor.py", "execute", 97)],
    module="psycopg.errors",
)
CRUMBS = [
    (-24.0, "navigation", "route", "/cart → /checkout", "info"),
    (-5.2, "console", "console", "fetch timed out after 2 000 ms, retrying", "warning"),
    (-3.1, "ui.click", "ui", "button#pay “Pay € 68.90”", "info"),
    (-0.822, "http", "http", "POST /checkout/pay (retry 1)", "info"),
    (-0.818, "query", "default", "SELECT … FROM checkout_cart WHERE id = 91120", "info"),
    (-0.816, "http", "http", "POST api.payfast.example/v1/capture", "info"),
    (
        -0.004,
        "query",
        "default",
        "INSERT INTO checkout_order (cart_id, user_id, idempotency_key) VALUES (…)",
        "info",
    ),
]


def base(number: int, at: float, **more: Any) -> Event:
    """Return what every event of the shop carries; `number` picks user, browser and server."""
    user = 48_000 + number % 318
    return {
        "event_id": hashlib.sha256(f"{number} {at}".encode()).hexdigest()[:32], "timestamp": at, "environment": "production", "release": "shop@2026.11.24-3",
        "server_name": f"web-{1 + number % 2}", "user": {"id": str(user), "email": f"user{user}@example.org", "ip_address": f"203.0.113.{number % 250}"},
        "request": {
            "url": "https://shop.example.org/checkout/pay", "method": "POST", "query_string": "step=3",
            "headers": {"User-Agent": AGENTS[number % 7 % 3], "Content-Type": "application/json", "Authorization": "Bearer secret-of-a-customer"},
            "cookies": {"sessionid": "abcdef0123456789"}, "data": {"cart": 91120, "card_number": "4242424242424242"},
        },
        "contexts": {"runtime": {"name": "CPython", "version": "3.12.7"}, "os": {"name": "Linux", "version": "6.12.1"}, "trace": {"trace_id": "b1c4" * 8, "span_id": "09ee" * 4, "op": "http.server"}},
        "tags": {"payment.method": "card" if number % 8 else "invoice", "country": ("SE", "NO", "DE", "SE", "FI")[number % 5]},
        "sdk": {"name": "sentry.python.django", "version": "2.46.0"}, "level": "error", "platform": "python", **more,
    }  # fmt: skip


def integrity(number: int, at: float) -> Event:
    own = exception(
        "IntegrityError",
        'duplicate key value violates unique constraint "checkout_order_idempotency_key_key"',
        CHECKOUT_FRAMES,
        module="django.db.utils",
    )
    crumbs = [
        {"timestamp": at + when, "category": c, "type": t, "message": m, "level": lv}
        for when, c, t, m, lv in CRUMBS
    ]
    return base(
        number,
        at,
        transaction="/checkout/pay",
        exception={"values": [CAUSE, own]},
        breadcrumbs={"values": crumbs},
        extra={"attempt": 2, "cart": {"items": [4711, 4712, 4720], "total": "68.90"}},
    )


def python(kind: str, value: str, place: str, text: str, **more: Any) -> Any:
    path, line, function = place.split(":")

    def make(number: int, at: float) -> Event:
        own = frame(path, function, int(line), ["    # …", text, "    return found"], 1, attempt=number % 3)
        return base(
            number,
            at,
            transaction=f"/{function}",
            exception={"values": [exception(kind, value.format(n=number), [own])]},
            **more,
        )

    return make


def browser(number: int, at: float) -> Event:
    frames = [
        {"filename": "https://shop.example.org/static/vendor.js", "function": "dispatch", "lineno": 2, "colno": 8021, "in_app": False},
        {"filename": "https://shop.example.org/static/cart.tsx", "function": "total", "lineno": 88, "colno": 31, "in_app": True,
         "pre_context": ["export function total(lines: Line[]): number {", "  let sum = 0;"], "context_line": "  for (const line of lines) sum += line.price * line.count;", "post_context": ["  return sum;", "}"]},
    ]  # fmt: skip
    found = exception("TypeError", "Cannot read properties of undefined (reading 'price')", frames)
    return base(
        number,
        at,
        platform="javascript",
        exception={"values": [found | {"mechanism": {"type": "onerror", "handled": False}}]},
        transaction="/cart",
        sdk={"name": "sentry.javascript.react", "version": "10.25.0"},
        server_name="",
    )


def message(number: int, at: float) -> Event:
    return base(
        number,
        at,
        level="warning",
        logger="shop.stock",
        logentry={
            "message": "stock of %s is low: %d left",
            "params": ["tea", 3],
            "formatted": "stock of tea is low: 3 left",
        },
    )


timeout = python(
    "ReadTimeout",
    "api.stock.reserve did not answer in 2 s",
    "api/stock.py:57:reserve",
    "    answer = client.post(url, timeout=2)",
)
declined = python(
    "Declined",
    "card_declined: insufficient funds ({n})",
    "checkout/gateway.py:31:capture",
    "    raise Declined(answer.code)",
    level="warning",
)
deadlock = python(
    "OperationalError",
    "deadlock detected",
    "orders/models.py:212:save",
    "    cursor.execute(sql, values)",
    level="fatal",
)
missing = python("KeyError", "'vat_rate'", "orders/invoice.py:18:lines", '    rate = country["vat_rate"]')
old = python(
    "AttributeError",
    "'NoneType' object has no attribute 'street'",
    "orders/label.py:9:draw",
    "    return address.street",
)


def event_id(slug: str, at: float, event: Event) -> str:
    """Return an id of its own for an event of a project at an instant."""
    return hashlib.sha256(f"{slug} {at} {json.dumps(event, sort_keys=True)}".encode()).hexdigest()[:32]
