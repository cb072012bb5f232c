// Hold: a live region in which somebody has ticked a box, opened a menu or is writing is not replaced under their hands.
const busy = (el: Element): boolean =>
  el.querySelector("input[type=checkbox]:checked, [popover]:popover-open") !== null ||
  (el.contains(document.activeElement) && document.activeElement?.matches("input:not([type=checkbox]), textarea, select") === true);

export function wireHold(): void {
  const held = (e: Event): void => {
    const el = e.target;
    if (el instanceof Element && el.matches("[data-hold]") && busy(el)) e.preventDefault();
  };
  document.addEventListener("htmx:before:request", held);
  document.addEventListener("htmx:before:swap", held);  // it was asked for before the hands came
}
