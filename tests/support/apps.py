"""Errors of small applications in many languages, as their SDKs would report them: what pairs are made from."""

import dataclasses
from typing import Any

Json = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class App:
    """One error of one application. `stack` is oldest first: place, function, whether it is the application's.

    A place is a file, or a module where the language reports modules. `value` has `{…}` where occurrences differ.
    `minified` scripts have short names far to the right; `lines` are source lines of functions without a name.
    A `cause` was raised in the oldest frame.
    """

    name: str
    platform: str
    kind: str
    value: str
    stack: tuple[tuple[str, str, bool], ...]
    cause: str = ""
    minified: bool = False
    lines: tuple[str, ...] = ()


_MODULES = frozenset({"python", "java", "csharp", "go", "rust"})

PYTHON = App("python", "python", "PaymentError", "order {int} of {email} was refused", (
    ("django.core.handlers", "get_response", False), ("shop.views", "checkout", True), ("shop.orders", "pay", True), ("stripe.api", "request", False),
))  # fmt: skip
WORKER = App("python worker", "python", "KeyError", "'{word}'", (
    ("celery.app.trace", "trace_task", False), ("shop.tasks", "send_invoice", True), ("shop.invoices", "render", True),
), cause="ValueError")  # fmt: skip
LAMBDA = App("python lambda", "python", "ZeroDivisionError", "division by zero", (
    ("shop.prices", "totals", True), ("shop.prices", "<lambda>", True),
), lines=("", "lambda price: price / count"))  # fmt: skip
BROWSER = App("browser", "javascript", "TypeError", "Cannot read properties of undefined (reading '{word}')", (
    ("https://shop.example/static/app.4f3e2d1c.js", "openCart", True), ("https://shop.example/static/app.4f3e2d1c.js", "renderItems", True),
))  # fmt: skip
VITE = App("vite", "javascript", "TypeError", "e.items is undefined in basket {int}", (
    ("https://shop.example/assets/index-BkH3_x9a.js", "t", True), ("https://shop.example/assets/index-BkH3_x9a.js", "Ye", True),
), minified=True)  # fmt: skip
WEBPACK = App("webpack", "javascript", "RangeError", "page {int} does not exist", (
    ("https://shop.example/js/123.0a1b2c3d.chunk.js", "Object.4837", True), ("https://shop.example/js/123.0a1b2c3d.chunk.js", "n", True),
), minified=True)  # fmt: skip
NEXT = App("next", "node", "Error", "no product {int}", (
    ("node_modules/.pnpm/next@14.1.0_react@18.2.0/node_modules/next/dist/server/render.js", "renderToHTML", False),
    ("/srv/shop/.next/server/chunks/product.js", "async loadProduct", True), ("/srv/shop/.next/server/chunks/product.js", "Module.fetchOne", True),
))  # fmt: skip
EXPRESS = App("express", "node", "TypeError", "order {uuid} has no card", (
    ("/srv/releases/20261101/node_modules/express/lib/router.js", "Layer.handle", False),
    ("/srv/releases/20261101/src/pay.js", "charge", True), ("/srv/releases/20261101/src/cards.js", "Card.validate", True),
), cause="Error")  # fmt: skip
LARAVEL = App("laravel", "php", "ErrorException", "Undefined array key {int}", (
    ("/var/www/vendor/laravel/framework/src/Pipeline.php", "Illuminate\\Pipeline\\Pipeline::then", False),
    ("/var/www/releases/20261101120000/app/Cart.php", "App\\Cart::total", True), ("/var/www/releases/20261101120000/app/Price.php", "App\\Price::of", True),
))  # fmt: skip
RAILS = App("rails", "ruby", "NoMethodError", "undefined method `price' for nil:NilClass", (
    ("/usr/local/bundle/gems/actionpack-7.0.4/lib/metal.rb", "process_action", False),
    ("app/controllers/carts_controller.rb", "show", True), ("app/models/cart.rb", "total", True),
))  # fmt: skip
SPRING = App("spring", "java", "java.lang.IllegalStateException", "Order {int} is already paid", (
    ("org.springframework.web.Dispatcher", "doService", False), ("com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c4d", "pay", True),
    ("com.shop.Payments", "charge", True), ("com.shop.Payments", "lambda$charge$0", True),
), cause="java.io.IOException")  # fmt: skip
DOTNET = App("dotnet", "csharp", "System.InvalidOperationException", "Sequence contains no elements", (
    ("Microsoft.AspNetCore.Mvc.Runner", "Invoke", False), ("Shop.Orders+<PayAsync>d__5", "MoveNext", True), ("Shop.Cards", "<Find>b__0_1", True),
))  # fmt: skip
GO = App("go", "go", "*errors.errorString", "open order {int}: no such file", (
    ("net/http", "HandlerFunc.ServeHTTP", False), ("shop/orders", "(*Store).Pay", True), ("shop/orders", "load.func1", True),
))  # fmt: skip
RUST = App("rust", "rust", "panic", "index {int} is out of bounds", (
    ("tokio::runtime", "tokio::runtime::run", False), ("shop::pay", "shop::pay::charge::{{closure}}::h0123456789abcdef", True),
    ("shop::card", "shop::card::check::hfedcba9876543210", True),
))  # fmt: skip
NATIVE = App("native", "native", "SIGSEGV", "read at {hex}", (
    ("/lib/libc.so", "start_thread", False), ("/build/src/cart.cpp", "(anonymous namespace)::total(Cart const&)", True),
    ("/build/src/price.cpp", "shop::Price::of(int) [clone .isra.0]", True),
))  # fmt: skip
SWIFT = App("swift", "cocoa", "EXC_BAD_ACCESS", "address {hex}", (
    ("UIKitCore", "-[UIApplication run]", False), ("Cart.swift", "(1) await resume partial function for Cart.total()", True),
    ("Price.swift", "__42-[Price of]_block_invoke_2", True),
))  # fmt: skip
FLUTTER = App("flutter", "dart", "StateError", "Bad state: no element {int}", (
    ("package:flutter/src/gestures.dart", "GestureRecognizer.invoke", False), ("package:shop/cart.dart", "Cart.open.<anonymous closure>", True),
    ("package:shop/cart.dart", "Cart.total", True),
))  # fmt: skip
KOTLIN = App("kotlin", "java", "kotlin.UninitializedPropertyAccessException", "property {word} is not set", (
    ("android.os.Handler", "dispatchMessage", False), ("com.shop.CartFragment", "onPay$lambda$3", True), ("com.shop.Cart", "total", True),
))  # fmt: skip

STACKED = (
    PYTHON, WORKER, LAMBDA, BROWSER, VITE, WEBPACK, NEXT, EXPRESS, LARAVEL, RAILS, SPRING, DOTNET, GO, RUST, NATIVE, SWIFT, FLUTTER, KOTLIN,
)  # fmt: skip

MESSAGES = (
    "Order {int} of {email} could not be packed",
    "connection to {ip} timed out after {duration}",
    "GET {url} answered {int}",
    "job {uuid} failed: disk has {size} left",
    "payment {stripe} was refused on {date}",
    "can't open basket {int}, won't retry",
    "no product called {quoted}",
    "total is {float} but {float} was paid",
    "checksum {sha} does not match",
    "worker {ulid} is gone since {date}",
)


def event(app: App, values: Json) -> Json:
    """Return the event of an application, with what differs between occurrences filled in from `values`."""
    exception: Json = {
        "type": app.kind, "value": app.value.format_map(values),
        "stacktrace": {"frames": [_frame(app, n, place) for n, place in enumerate(app.stack)]},
    }  # fmt: skip
    chain = [exception]
    if app.cause:
        chain.insert(
            0,
            {
                "type": app.cause,
                "value": "the cause",
                "stacktrace": {"frames": exception["stacktrace"]["frames"][:1]},
            },
        )
    return {"platform": app.platform, "exception": {"values": chain}}


def _frame(app: App, number: int, place: tuple[str, str, bool]) -> Json:
    where, function, own = place
    frame: Json = {"function": function, "in_app": own, "lineno": 10 * number + 7}
    frame["module" if app.platform in _MODULES else "filename"] = where
    if app.minified:
        frame |= {"lineno": 1, "colno": 40_000 + number}
    if app.lines and app.lines[number]:
        frame["context_line"] = app.lines[number]
    return frame
