// Web vitals (https://web.dev/articles/vitals) and long tasks of one page load, sent once as a transaction when the page is first hidden.
import type { Client } from "./types";

const WINDOW_GAP = 1_000, WINDOW = 5_000; // of CLS: the worst burst of shifts counts
const MOST_LATENCIES = 10, LATENCIES_PER_RANK = 50; // of INP: one of the slowest is left out for each 50 interactions
const LONG = 200;
const BLOCKING = 50;

interface Entry extends PerformanceEntry {
  renderTime: number; loadTime: number; value: number; hadRecentInput: boolean; interactionId?: number;
  responseStart: number; activationStart?: number;
}

/** Begin to measure, for the share of page loads that is asked for. */
export function begin(client: Client): void {
  if (Math.random() >= (client.options.vitalsSampleRate ?? 1)) return;
  const page = location.pathname; // the one that is loaded; an application of one page may show another at the end
  const found: Record<string, number> = {};
  const observers: PerformanceObserver[] = [];
  const [navigation] = performance.getEntriesByType("navigation") as Entry[];
  const activation = navigation?.activationStart ?? 0; // of a page that was prerendered
  const since = (time: number) => Math.max(0, time - activation);
  if (navigation?.responseStart) found.ttfb = since(navigation.responseStart);

  function observe(type: string, act: (entry: Entry) => void, more?: object): void {
    try {
      const observer = new PerformanceObserver(list => { (list.getEntries() as Entry[]).forEach(act); });
      observer.observe({ type, buffered: true, ...more });
      observers.push(observer);
    } catch { /* not measured by this browser */ }
  }

  // What a page shows that was opened in the background was not waited for.
  if (document.visibilityState !== "hidden") {
    observe("paint", entry => { if (entry.name === "first-contentful-paint") found.fcp = since(entry.startTime); });
    let done = false;
    for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => { done = true; }, { capture: true, once: true });
    observe("largest-contentful-paint", entry => { if (!done) found.lcp = since(entry.startTime); });
  }
  observe("layout-shift", shifts(found));
  observe("event", latencies(found), { durationThreshold: 40 });
  observe("longtask", entry => {
    found.long_tasks = (found.long_tasks ?? 0) + 1;
    found.blocking_time = (found.blocking_time ?? 0) + entry.duration - BLOCKING;
    if (entry.duration >= LONG) client.crumb({ category: "longtask", data: { duration: entry.duration } });
  });

  const end = (): void => {
    if (document.visibilityState !== "hidden" || !observers.length) return;
    for (const observer of observers.splice(0)) observer.disconnect();
    send(client, found, page);
  };
  addEventListener("visibilitychange", end, true);
}

function shifts(found: Record<string, number>): (entry: Entry) => void {
  let first = 0, last = 0, sum = 0;
  found.cls = 0;
  return ({ startTime, value, hadRecentInput }) => {
    if (hadRecentInput) return;
    if (startTime - last > WINDOW_GAP || startTime - first > WINDOW) { first = startTime; sum = 0; }
    last = startTime;
    sum += value;
    found.cls = Math.max(found.cls!, sum);
  };
}

function latencies(found: Record<string, number>): (entry: Entry) => void {
  const slowest = new Map<number, number>();
  return ({ interactionId, duration }) => {
    if (!interactionId) return;
    slowest.set(interactionId, Math.max(duration, slowest.get(interactionId) ?? 0));
    const ranked = [...slowest].sort((a, b) => b[1] - a[1]);
    for (const [id] of ranked.slice(MOST_LATENCIES)) slowest.delete(id);
    const count = (performance as { interactionCount?: number }).interactionCount ?? slowest.size;
    found.inp = ranked[Math.min(ranked.length - 1, MOST_LATENCIES - 1, Math.floor(count / LATENCIES_PER_RANK))]![1];
  };
}

function send(client: Client, found: Record<string, number>, page: string): void {
  const base = client.base();
  const measurements = Object.fromEntries(Object.entries(found).map(([name, value]) =>
    [name, { value, unit: name === "cls" || name === "long_tasks" ? "none" : "millisecond" }]));
  client.send("transaction", {
    ...base, type: "transaction", transaction: page, transaction_info: { source: "url" }, measurements, spans: [],
    start_timestamp: new Date(performance.timeOrigin), contexts: { trace: { trace_id: base.event_id, span_id: base.event_id.slice(16), op: "pageload" } },
  });
}
