// Copy: `data-copy` holds the text, or the element before the button does.
import { doing } from "./dom";
import { toast } from "./toast";

async function write(text: string): Promise<boolean> {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* no permission, or plain http */ }
  const box = document.createElement("textarea");
  box.value = text; box.className = "vh"; box.setAttribute("aria-hidden", "true");
  document.body.append(box); box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done;
}
doing("copy", el => {
  const text = el.dataset.copy ?? el.previousElementSibling?.textContent ?? "";
  void write(text).then(done => { toast(done ? "Copied" : "Could not copy: the browser did not allow it"); el.focus(); });
});
