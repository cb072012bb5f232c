// A page that reports with the real @sentry/browser; bundled by esbuild, driven in headless Chromium.
import * as Sentry from "@sentry/browser";

Sentry.init({ dsn: new URLSearchParams(location.search).get("dsn"), release: "web@7.8.9", environment: "production" });
window.Sentry = Sentry;

function openCart() {
  return undefined.items;
}

document.querySelector("#break").addEventListener("click", () => openCart());
document.querySelector("#reject").addEventListener("click", () => {
  Promise.reject(new Error("the payment was refused"));
});
