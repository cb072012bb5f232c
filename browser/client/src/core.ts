// The client: makes events of what failed, and sends them.
import { address, clean, describe, options } from "./clean";
import { id, push, url } from "./queue";
import { frames } from "./stack";
import type { Client, Crumb, Exception, Logged, Report } from "./types";

export const VERSION = "0.1.0";
const NOISE = /^."(Script error|ResizeObserver)|-extension:/;
const enum Limit { REPEAT = 5_000, EVENTS = 50, CAUSES = 5, CRUMBS = 30 } // REPEAT in milliseconds; at most EVENTS within it

let last = "";
let inside = false;
let page = "";
let crumbs: Crumb[] = [];
const recent = new Set<string>();
const reported = new WeakMap<object, string>();

/** Remember what happened, and that the page's address changed before; the newest are sent with the next event. */
export function crumb(...given: Crumb[]): void {
  const from = page;
  page = address(location);
  if (from && from !== page) given.unshift({ category: "navigation", data: { from, to: page } });
  crumbs = [...crumbs, ...given.map(one => ({ timestamp: new Date(), ...one }))].slice(-Limit.CRUMBS);
}

const base = () => ({
  event_id: id(), timestamp: new Date(), platform: "javascript", sdk: { name: "vedette.browser", version: VERSION },
  release: options.release, environment: options.environment, user: options.user, tags: options.tags,
  request: { url: address(location), headers: { "User-Agent": navigator.userAgent } },
});

export const client: Client = { options, base, send: push, crumb, last: () => last };

/** Return an error of this name; without a stack unless one is given. */
export const named = (name: string, message = "", stack = ""): Error => Object.assign(new Error(message), { name, stack });

/** Return an error and its causes as exceptions, the outermost last. */
function exceptions(error: Error, skip: number): Exception[] {
  const found: Exception[] = [];
  for (let one: unknown = error; one instanceof Error && found.length < Limit.CAUSES; one = one.cause)
    found.unshift({ type: one.name, value: clean(one.message), stacktrace: { frames: frames(one.stack, one === error ? skip : 0) } });
  return found;
}

/** Report a failure found in a way `how`; return its event's id, empty when it is not sent. Never throws. */
export function capture(error: unknown, how: string, handled: boolean, more?: Partial<Report>, skip = 0): string {
  const known = Object(error) as object;
  if (url && !inside && !reported.has(known)) {
    inside = true;
    reported.set(known, "");
    try {
      crumb();
      const values = exceptions(error instanceof Error ? error : named("Error", describe(error)), skip), outer = values.at(-1)!;
      outer.mechanism = { type: how, handled };
      const report: Report = { level: "error", ...base(), exception: { values }, breadcrumbs: { values: crumbs }, ...more };
      const sent = isNew(outer) && Math.random() < (options.sampleRate ?? 1) && (options.beforeSend ? options.beforeSend(report, error) : report);
      if (sent) {
        push("event", sent);
        reported.set(known, last = report.event_id);
      }
    } catch { /* the page's own hook failed: what it may have wanted to hide stays here */ }
    inside = false;
  }
  return reported.get(known) ?? "";
}

/** Tell whether this is neither noise, nor of a browser's extension, nor sent a moment ago, nor one of a flood. */
function isNew({ type, value, stacktrace }: Exception): boolean {
  const same = JSON.stringify([value, type, stacktrace?.frames.at(-1)]);
  if (NOISE.test(same) || options.ignore?.test(value) || recent.has(same) || recent.size > Limit.EVENTS) return false;
  recent.add(same);
  setTimeout(() => recent.delete(same), Limit.REPEAT);
  return true;
}

/** Report what the application caught: an error, or what it knows of one. Return the event's id. */
export function logError(what: Error | Logged, more?: Partial<Report>): string {
  if (!(what instanceof Error)) {
    const { errorCode = "Error", message, stack, url = location, userAgent = navigator.userAgent, timestamp = Date.now(), level = "error", ...extra } = what;
    more = { timestamp: new Date(timestamp), level, extra, request: { url: address(url), headers: { "User-Agent": userAgent } }, ...more };
    what = named(`${errorCode}`, message, stack);
  }
  return capture(what, "logged", true, more);
}

/** Report a failure that is no error: a sentence, and what makes two of them the same. */
export function tell(name: string, sentence: string, same: string[], warning = false, stack = ""): void {
  capture(named(name, sentence, stack), name, true, { level: warning ? "warning" : "error", fingerprint: [name, ...same] }, 2); // of a stack, `begin` and the wrapper
}
