// Live: the server says which topic changed; regions that name it (`hx-trigger="live:<topic> from:body"`) load themselves anew.
import { $, $$ } from "./dom";

const GAP = 1000, SILENCE = 40_000, GRACE = 5000, AGAIN = 30_000;
const topicsOf = (el: Element): string[] => [...(el.getAttribute("hx-trigger") ?? "").matchAll(/live:([\w:.-]+)/g)].map(m => m[1] ?? "");
const topics = (): string[] => [...new Set($$("[hx-trigger*='live:']").flatMap(topicsOf))].sort();

// Milliseconds since this page was asked for: what changed between its drawing and the stream's opening is told then.
const age = (): number => Math.ceil(performance.now() - ((performance.getEntriesByType("navigation")[0] as PerformanceResourceTiming | undefined)?.requestStart ?? 0));
const clock = (): string => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const waiting = new Map<string, number>();
const last = new Map<string, number>();

function fire(topic: string): void {
  if (waiting.has(topic)) return;
  const wait = Math.max(0, (last.get(topic) ?? 0) + GAP - performance.now());
  waiting.set(topic, window.setTimeout(() => {
    waiting.delete(topic);
    last.set(topic, performance.now());
    document.body.dispatchEvent(new CustomEvent(`live:${topic}`));
  }, wait));
}

export function wireLive(): void {
  const dot = $<HTMLElement>("#live");
  if (!dot) return;
  let source: EventSource | null = null, silence = 0, heard = clock(), lost = false, named = "";
  const stale = (): void => {
    if (!lost) { dot.classList.add("stale"); dot.textContent = `Live paused, data from ${heard}`; }
    lost = true;
  };
  const alive = (): void => {
    heard = clock();
    clearTimeout(silence);
    silence = window.setTimeout(stale, SILENCE);
    if (lost) { lost = false; dot.classList.remove("stale"); dot.textContent = "Live"; topics().forEach(fire); }
  };
  const fell = (): void => {
    clearTimeout(silence);
    silence = window.setTimeout(stale, GRACE);
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;  // refused for good by the browser's rules; ask again later
    window.setTimeout(() => { if (!document.hidden) open(); }, AGAIN);
  };
  const open = (): void => {
    if (source) return;
    named = topics().join(",");
    source = new EventSource(`/live?topics=${encodeURIComponent(named)}&age=${age()}`);
    source.addEventListener("open", alive);
    source.addEventListener("beat", alive);
    source.addEventListener("changed", e => { alive(); const t = (e as MessageEvent<string>).data; (t === "db" ? topics() : [t]).forEach(fire); });
    source.addEventListener("error", fell);
  };
  const close = (): void => { clearTimeout(silence); source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close(); else { open(); topics().forEach(fire); }
  });
  // A piece that came later may name a topic the stream does not carry.
  document.addEventListener("htmx:after:swap", () => {
    const before = named.split(",");
    if (source && topics().some(t => !before.includes(t))) { close(); open(); }
  });
  addEventListener("offline", stale);
  addEventListener("online", () => { close(); open(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", e => { if (e.persisted) open(); });
  if (!document.hidden) open();
}
