// Keyboard: g-chords to go, j/k to move, x to select; any `data-key` names the control a key presses, `data-here` one that
// it presses only while the focus is in the same `data-row`.
import { $, $$, doing, typing } from "./dom";
import { theme } from "./theme";

const STORE = "vedette.keys";
const off = (): boolean => { try { return localStorage.getItem(STORE) === "off"; } catch { return false; } };
const visible = (el: HTMLElement): boolean => el.checkVisibility();

function move(step: number): void {
  const rows = $$<HTMLElement>(".rowlink, .frame > summary, [data-step]").filter(visible);
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}

function select(): void {
  const row = document.activeElement?.closest("tr, li");
  row?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
}

const here = (key: string): HTMLElement | null =>
  $<HTMLElement>(`[data-here="${CSS.escape(key)}"]`, document.activeElement?.closest("[data-row]") ?? document.createElement("i"));

function press(key: string): void {
  const el = here(key) ?? $$<HTMLElement>(`[data-key="${CSS.escape(key)}"]`).find(visible);
  if (!el) return;
  if (el.matches("input, textarea, select")) el.focus(); else el.click();
  // A menu opened by a key is chosen from by keys.
  const menu = el.getAttribute("popovertarget");
  if (menu) $<HTMLElement>(`#${CSS.escape(menu)} :is(button, input:not([type=hidden]))`)?.focus();
}

let chord = 0;
function single(e: KeyboardEvent): void {
  const chorded = chord > 0 && e.timeStamp - chord < 900; // 0: no `g` before, also in a page's first second
  chord = 0;
  if (chorded) {
    const link = $<HTMLAnchorElement>(`[data-go="${CSS.escape(e.key)}"]`);
    if (link) { location.href = link.href; return; }
  }
  const act: Record<string, () => void> = {
    g: () => { chord = e.timeStamp; }, j: () => move(1), k: () => move(-1), x: select, t: theme,
    "/": () => $<HTMLElement>("[data-do=find]")?.click(), "?": () => $<HTMLDialogElement>("#keys")?.showModal(),
  };
  const known = act[e.key];
  if (known || here(e.key) || $(`[data-key="${CSS.escape(e.key)}"]`)) { e.preventDefault(); (known ?? (() => press(e.key)))(); }
}

/** Arrows inside a scrolling region or a chart move there. */
const scrolling = (e: KeyboardEvent): boolean => e.key.startsWith("Arrow") && (e.target as Element).closest(".src, .plot, .scroll-x, pre") !== null;

export function wireKeys(): void {
  const dialog = $<HTMLDialogElement>("#keys"), box = $<HTMLInputElement>("#keys-on");
  if (box) {
    box.checked = !off();
    box.addEventListener("change", () => { try { localStorage.setItem(STORE, box.checked ? "on" : "off"); } catch { /* private mode */ } });
  }
  dialog?.addEventListener("click", e => { if (e.target === dialog) dialog.close(); });
  doing("keys", () => dialog?.showModal());
  document.addEventListener("keydown", e => {
    if (e.defaultPrevented || typing(e) || scrolling(e) || e.metaKey || e.ctrlKey || e.altKey || e.isComposing || $("dialog[open], [popover]:popover-open") || off()) return;
    single(e);
  });
}
