// A page that reports with the real @sentry/react; bundled by esbuild, driven in headless Chromium.
import * as Sentry from "@sentry/react";
import { Component, createElement as h, useState } from "react";
import { createRoot } from "react-dom/client";

Sentry.init({
  dsn: new URLSearchParams(location.search).get("dsn"),
  release: "web@9.1.0",
  environment: "production",
  integrations: [
    Sentry.captureConsoleIntegration({ levels: ["error"] }),
    Sentry.feedbackIntegration({ autoInject: false, showBranding: false }),
  ],
});
Sentry.setUser({ id: "42" });
window.Sentry = Sentry;

class Basket extends Component {
  render() {
    return h("ul", null, this.props.items.map((item) => h("li", { key: item }, item)));
  }
}

function Shop() {
  const [opened, open] = useState(false);
  return h(
    "div",
    null,
    h("button", { id: "boundary", onClick: () => open(true) }, "Open the basket"),
    h("button", { id: "reject", onClick: () => void Promise.reject(new Error("the payment was refused")) }, "Pay"),
    h("button", { id: "console", onClick: () => console.error("stock of tea is out") }, "Count"),
    h("button", { id: "feedback", onClick: askForFeedback }, "Say something"),
    h(Sentry.ErrorBoundary, { fallback: h("p", { id: "fallback" }, "That did not work.") }, opened ? h(Basket) : null),
  );
}

async function askForFeedback() {
  const form = await Sentry.getFeedback().createForm();
  form.appendToDom();
  form.open();
}

// React writes what a boundary caught to the console by itself, and the SDK would report that line in the boundary's stead.
createRoot(document.querySelector("#root"), { onCaughtError() {} }).render(h(Shop));
