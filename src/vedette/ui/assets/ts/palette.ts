// Command palette: the pages the server listed, a search for whatever was typed, and what htmx brings of it from /find/.
import { $, $$, doing } from "./dom";
import { theme } from "./theme";

const SHORT_ID = /^[a-z0-9][a-z0-9-]*-[a-z0-9]{1,8}$/i;

export function wirePalette(): void {
  const found = $<HTMLDialogElement>("#pal");
  if (!found) return;
  const pal = found, box = $<HTMLInputElement>("input", pal)!;
  const pages = $$<HTMLElement>("[role=option]", pal), search = $<HTMLElement>("#pal-search", pal)!;
  const words = $<HTMLElement>("b", search)!, go = $<HTMLElement>("#pal-go", pal)!;
  let now: HTMLElement | undefined;
  const shown = (): HTMLElement[] => $$<HTMLElement>("[role=option]:not([hidden])", pal);
  const mark = (o?: HTMLElement): void => {
    now?.setAttribute("aria-selected", "false");
    now = o;
    if (!o) { box.removeAttribute("aria-activedescendant"); return; }
    o.setAttribute("aria-selected", "true");
    o.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", o.id);
  };
  const step = (n: number): void => { const list = shown(); mark(list[(list.indexOf(now!) + n + list.length) % list.length]); };
  const filter = (): void => {
    const q = box.value.trim(), low = q.toLowerCase();
    pages.forEach(o => { o.hidden = !(o.textContent ?? "").toLowerCase().includes(low); });
    search.hidden = !q; words.textContent = q;
    search.dataset.href = `/issues/?q=${encodeURIComponent(q)}`;
    go.hidden = !SHORT_ID.test(q); go.dataset.href = `/go/${encodeURIComponent(q)}/`;
    // What was found for other words must not be opened by the Enter of these.
    $("#pal-found", pal)!.replaceChildren();
    mark(shown()[0]);
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
    if (e.key === "ArrowDown") { e.preventDefault(); step(1); }
    if (e.key === "ArrowUp") { e.preventDefault(); step(-1); }
    if (e.key === "Enter") { e.preventDefault(); pick(now); }
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
