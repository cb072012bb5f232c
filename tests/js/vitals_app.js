// A page whose vitals the real @sentry/browser measures; bundled by esbuild, driven in headless Chromium.
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: new URLSearchParams(location.search).get("dsn"),
  tracesSampleRate: 1,
  integrations: [Sentry.browserTracingIntegration({ idleTimeout: 500 })],
});
