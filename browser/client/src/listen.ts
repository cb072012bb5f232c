// What the browser tells of: errors, rejections, the console, files that do not load, violations of the policy, clicks and inputs.
import { address, clean, describe } from "./clean";
import { capture, crumb, tell } from "./core";
import { on, url } from "./queue";

/** Begin to listen. */
export function listen(): void {
  on("error unhandledrejection", ({ type, target, reason, error, message }) => {
    const where = address(target.src ?? target.href);
    if (target.localName) tell("ResourceError", `${target.localName} did not load: ${where}`, [where]);
    else capture(reason ?? error ?? message, type, false);
  });
  on("securitypolicyviolation", violated);
  on("click change", ({ type, target }) => {
    // Names alone: neither what is written in an element nor what was typed there.
    if (target.localName) crumb({ category: `ui.${type}`, message: [target.localName + (target.id && `#${target.id}`), ...target.classList].join(".") });
  });
  watchConsole();
}

function violated({ effectiveDirective, blockedURI, disposition }: SecurityPolicyViolationEvent): void {
  const blocked = address(blockedURI), directive = effectiveDirective.replace(/-(elem|attr)$/, "");
  // What tells of it would be blocked, too.
  if (!url.startsWith(blockedURI)) tell("PolicyError", `${directive} blocked ${blocked}`, [directive, blocked.split("/")[2] ?? blocked], disposition === "report");
}

// Reported a moment later: who catches an error and writes it here (as React does) may report it better right after.
function watchConsole(): void {
  const real = console.error;
  console.error = (...said: unknown[]) => {
    real.apply(console, said);
    const message = clean(said.map(describe).join(" ")), error = said.find(one => one instanceof Error) ?? new Error(message);
    crumb({ category: "console", level: "error", message });
    setTimeout(capture, 0, error, "console", true, { logger: "console" }, said.includes(error) ? 0 : 1);
  };
}
