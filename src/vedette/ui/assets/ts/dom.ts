// Short words for what every module needs of the document.
export const $ = <T extends Element>(q: string, root: ParentNode = document): T | null => root.querySelector<T>(q);
export const $$ = <T extends Element>(q: string, root: ParentNode = document): T[] => [...root.querySelectorAll<T>(q)];

/** Whether the person is typing, so that a single key must not be a command. A field of a dialog just closed keeps the
 *  focus until the next frame: who cannot see a field does not type into it. */
export const typing = (e: Event): boolean =>
  (e.target as Element).closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]")?.checkVisibility() ?? false;

export const setCookie = (name: string, value: string): void => {
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
};

const doers = new Map<string, (el: HTMLElement) => void>();
/** Register what `data-do="name"` does when it is clicked. */
export const doing = (name: string, act: (el: HTMLElement) => void): void => { doers.set(name, act); };

document.addEventListener("click", e => {
  const el = (e.target as Element).closest<HTMLElement>("[data-do]");
  const act = el && doers.get(el.dataset.do ?? "");
  if (el && act) { e.preventDefault(); act(el); }
});
