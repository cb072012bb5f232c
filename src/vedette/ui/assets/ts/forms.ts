// Forms: nothing is sent twice, "select all" and the count of selected rows, filters that send themselves.
import { $$ } from "./dom";

function counted(form: HTMLFormElement): void {
  const n = $$<HTMLInputElement>("input[type=checkbox][name=ids]", form).filter(b => b.checked).length;
  for (const el of $$<HTMLElement>("[data-selected]", form)) { el.hidden = n === 0; }
  for (const el of $$<HTMLElement>("[data-count]", form)) { el.textContent = String(n); }
}

export function wireForms(): void {
  document.addEventListener("submit", e => {
    const form = e.target as HTMLFormElement;
    if (form.dataset.sent && form.method === "post") { e.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  document.addEventListener("change", e => {
    const el = e.target as HTMLElement;
    if (el instanceof HTMLInputElement && el.dataset.all !== undefined && el.form) {
      $$<HTMLInputElement>("input[type=checkbox][name=ids]", el.form).forEach(b => { b.checked = el.checked; });
    }
    if (el.dataset.send !== undefined) el.closest("form")?.requestSubmit();
    const form = el.closest("form");
    if (form) counted(form);
  });
  // The target is the document when the region that asked was replaced meanwhile.
  document.addEventListener("htmx:after:request", e => { if (e.target instanceof Element) e.target.closest<HTMLFormElement>("form.compose")?.reset(); });
}
