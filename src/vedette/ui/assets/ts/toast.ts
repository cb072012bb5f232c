// Toast: a short word about what just happened; never the only place of an error.
import { $, $$ } from "./dom";

let timer = 0;
export function toast(text: string): void {
  const box = $<HTMLElement>("#toast");
  if (!box) return;
  box.textContent = text;
  box.hidden = false;
  clearTimeout(timer);
  timer = window.setTimeout(() => { box.hidden = true; }, 2500);
}

/** Messages the server drew stay 10 s when they offer an action (Undo), else 5 s; errors stay. */
export function fadeMessages(): void {
  for (const box of $$<HTMLElement>("[data-fade]")) {
    window.setTimeout(() => { if (!box.matches(":hover, :focus-within")) box.hidden = true; }, Number(box.dataset.fade) * 1000);
  }
}
