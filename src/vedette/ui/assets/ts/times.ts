// Times: running durations and "12 s ago" stay true while the page is open; the zone goes into a cookie for the server.
import { $$, setCookie } from "./dom";

const NB = "\u00a0";
export function spell(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds)), m = Math.floor(s / 60), h = Math.floor(m / 60);
  if (h >= 48) return `${Math.floor(h / 24)}${NB}d`;
  if (h >= 1) return `${h}${NB}h${m % 60 ? `${NB}${m % 60}${NB}min` : ""}`;
  return m >= 1 ? `${m}${NB}min` : `${s}${NB}s`;
}
function running(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds)), m = Math.floor(s / 60);
  return m >= 60 ? spell(s) : m ? `${m}${NB}min${NB}${s % 60}${NB}s` : `${s}${NB}s`;
}
function tick(): void {
  const now = Date.now() / 1000;
  const write = (t: HTMLElement, text: string): void => { if (t.textContent !== text) t.textContent = text; };
  for (const t of $$<HTMLElement>("[data-since]")) write(t, running(now - Number(t.dataset.since)));
  for (const t of $$<HTMLElement>("[data-ago]")) {
    const age = now - Number(t.dataset.ago);
    if (age < 86400) write(t, age < 5 ? "now" : `${spell(age)}${NB}ago`);
  }
}
export function wireTimes(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`tz=${zone}`)) setCookie("tz", zone);
  tick();
  setInterval(tick, 1000);
}
