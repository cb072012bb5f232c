// Command palette: the pages the server listed, and a search for whatever was typed.
import { $, $$, doing } from "./dom";
import { theme } from "./theme";

const SHORT_ID = /^[a-z0-9][a-z0-9-]*-[a-z0-9]{1,8}$/i;

export function wirePalette(): void {
  const found = $<HTMLDialogElement>("#pal");
  if (!found) return;
  const pal = found, box = $<HTMLInputElement>("input", pal)!;
  const options = $$<HTMLElement>("[role=option]", pal), search = $<HTMLElement>("#pal-search", pal)!;
  const words = $<HTMLElement>("b", search)!, go = $<HTMLElement>("#pal-go", pal)!;
  let at = 0;
  const shown = (): HTMLElement[] => options.filter(o => !o.hidden);
  const mark = (n: number): void => {
    const list = shown();
    at = (n + list.length) % Math.max(1, list.length);
    options.forEach(o => o.setAttribute("aria-selected", String(o === list[at])));
    const now = list[at];
    if (now) { now.scrollIntoView({ block: "nearest" }); box.setAttribute("aria-activedescendant", now.id); }
  };
  const filter = (): void => {
    const q = box.value.trim(), low = q.toLowerCase();
    options.forEach(o => { o.hidden = !(o.textContent ?? "").toLowerCase().includes(low); });
    search.hidden = !q; words.textContent = q;
    search.dataset.href = `/issues/?q=${encodeURIComponent(q)}`;
    go.hidden = !SHORT_ID.test(q); go.dataset.href = `/go/${encodeURIComponent(q)}/`;
    mark(0);
  };
  const open = (): void => { if (!pal.open) { pal.showModal(); box.value = ""; filter(); } };
  const pick = (o?: HTMLElement): void => {
    if (!o) return;
    pal.close();
    if (o.dataset.href) location.href = o.dataset.href;
    if (o.dataset.act === "theme") theme();
    if (o.dataset.act === "keys") $<HTMLDialogElement>("#keys")?.showModal();
  };
  box.addEventListener("input", filter);
  box.addEventListener("keydown", e => {
    if (e.key === "ArrowDown") { e.preventDefault(); mark(at + 1); }
    if (e.key === "ArrowUp") { e.preventDefault(); mark(at - 1); }
    if (e.key === "Enter") { e.preventDefault(); pick(shown()[at]); }
  });
  pal.addEventListener("click", e => {
    const o = (e.target as Element).closest<HTMLElement>("[role=option]");
    if (o) pick(o); else if (e.target === pal) pal.close();
  });
  doing("find", open);
  document.addEventListener("keydown", e => {
    if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === "k") { e.preventDefault(); open(); }
  });
}
