// Theme: the server reads the cookie, so nothing flashes and no inline script is needed.
import { doing, setCookie } from "./dom";

export function theme(): void {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  setCookie("theme", root.dataset.theme);
}
doing("theme", theme);
