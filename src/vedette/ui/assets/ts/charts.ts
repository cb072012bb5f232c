// Charts: pointer and arrow-key crosshair over the SVG that the server drew.
import { $$ } from "./dom";

const START = "start", STEP = "step";

function label(el: HTMLElement, i: number): string {
  const at = Number(el.dataset[START]) + i * Number(el.dataset[STEP]);
  const zone = el.dataset.tz ?? "UTC", day = Number(el.dataset[STEP]) >= 86400;
  const form: Intl.DateTimeFormatOptions = day
    ? { day: "numeric", month: "short", timeZone: zone }
    : { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat("en-GB", form).format(at * 1000);
}

const wired = new WeakSet<HTMLElement>();

function chart(el: HTMLElement): void {
  if (wired.has(el)) return;
  wired.add(el);
  const tip = document.createElement("div");
  tip.className = "tip"; tip.hidden = true;
  let i = -1;
  const values = (): number[] => (el.dataset.v ?? "").split(",").map(Number), count = (): number => values().length;
  const show = (n: number): void => {
    if (!tip.isConnected) el.append(tip);
    i = Math.max(0, Math.min(count() - 1, n));
    tip.hidden = false;
    tip.textContent = `${label(el, i)}  ${(values()[i] ?? 0).toLocaleString("en").replaceAll(",", "\u202f")} ${el.dataset.unit ?? ""}`;
    const width = el.clientWidth, x = (i + .5) / count() * width, half = tip.offsetWidth / 2;
    tip.style.transform = `translate(${Math.max(0, Math.min(width - 2 * half, x - half))}px, -8px)`;
  };
  const hide = (): void => { tip.hidden = true; };
  el.addEventListener("pointermove", e => show(Math.floor((e.clientX - el.getBoundingClientRect().left) / el.clientWidth * count())));
  el.addEventListener("pointerleave", hide);
  el.addEventListener("blur", hide);
  el.addEventListener("keydown", e => {
    const step = e.key === "ArrowLeft" ? -1 : e.key === "ArrowRight" ? 1 : 0;
    if (step) { e.preventDefault(); e.stopPropagation(); show(i < 0 ? count() - 1 : i + step); }
    if (e.key === "Escape") hide();
  });
}

export const wireCharts = (): void => $$<HTMLElement>(".plot[data-v]").forEach(chart);
