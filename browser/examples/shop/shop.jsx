// A shop whose parts fail one by one, reported by @vedette/browser and @vedette/react. The address tells where to: `?dsn=…`.
import { crumb, feedback, init, logError } from "@vedette/browser";
import { ErrorBoundary, useErrorHandler } from "@vedette/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";

init({
  dsn: new URLSearchParams(location.search).get("dsn"),
  release: "shop@9.1.0",
  environment: "production",
  user: { id: "42" },
  tags: { shop: "north" },
  vitals: true,
  slow: 300,
  // Nobody needs to hear of what the test of the smoke alarm does.
  beforeSend: report => report.exception.values.at(-1).value.includes("fire drill") ? null : report,
});

// `items` is missing when the basket was never filled: what the boundary is there for.
function Basket({ items }) {
  return <ul>{items.map(item => <li key={item}>{item}</li>)}</ul>;
}

function Payment() {
  const fail = useErrorHandler();
  const pay = () => { setTimeout(() => fail(new RangeError("the card has no number"))); };
  return <button id="handler" onClick={pay}>Pay by card</button>;
}

function Fallback({ error, eventId, reset, feedback }) {
  return (
    <div role="alert" id="fallback">
      <p>That did not work: {error.message}</p>
      <p>Number <code id="event">{eventId}</code></p>
      <button id="again" onClick={reset}>Try again</button>
      <button id="tell" onClick={feedback}>Tell us what happened</button>
    </div>
  );
}

const later = () => { const asked = new AbortController(); setTimeout(() => asked.abort(), 1200); return fetch("/never", { signal: asked.signal }).catch(() => {}); };
const image = () => { const made = new Image(); made.src = "/missing.png?size=9"; document.body.append(made); };
const xhr = (url, timeout = 0) => { const asked = new XMLHttpRequest(); asked.open("POST", url); asked.timeout = timeout; asked.send(); };
const ACTS = {
  throw: () => { throw new TypeError("the till is open", { cause: new Error("no key for /till?pin=1234") }); },
  reject: () => { Promise.reject(new Error("the payment was refused")); },
  console: () => { console.error("stock of tea is out", { name: "Ann" }); },
  failed: () => { fetch("/api/orders/17?card=4111"); },
  nowhere: () => { fetch("/cut").catch(() => {}); },
  slow: () => { fetch("/slow"); },
  given_up: later,
  timeout: () => { xhr("/never", 100); },
  xhr: () => { xhr("/api/orders/18?card=4111"); },
  image,
  policy: () => { fetch("https://elsewhere.example/track?id=7").catch(() => {}); },
  log: () => { logError({ errorCode: "E_STOCK", message: "no tea left", stack: "Error\n    at count (https://shop.example/stock.js:7:9)", url: "/stock?who=ann", userAgent: "Till/1.0 (Windows NT 10.0) Firefox/128.0", timestamp: Date.now() - 60_000, shelf: 9 }); },
  drill: () => { logError(new Error("fire drill")); },
  storm: () => { for (let n = 0; n < 500; n++) console.error("the same again"); },
  crumbs: () => { crumb({ category: "till", message: "drawer opened" }); history.pushState({}, "", "/checkout?step=2"); logError(new Error("with crumbs")); },
  feedback: () => { feedback(); },
};

function Shop() {
  const [opened, open] = useState(false);
  const [filled, fill] = useState(false);
  return (
    <main>
      <h1>Shop</h1>
      <button id="boundary" onClick={() => open(true)}>Open the basket</button>
      <button id="fill" onClick={() => fill(true)}>Fill the basket</button>
      {Object.entries(ACTS).map(([name, act]) => <button key={name} id={name} className="act" onClick={act}>{name}</button>)}
      <label>Card <input id="card" name="card" /></label>
      <ErrorBoundary fallback={Fallback} resetKeys={[filled]}>{opened && <Basket items={filled ? ["tea"] : undefined} />}</ErrorBoundary>
      <ErrorBoundary feedback><Payment /></ErrorBoundary>
    </main>
  );
}

createRoot(document.querySelector("#root")).render(<Shop />);
