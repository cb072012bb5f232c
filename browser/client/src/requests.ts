// Requests of the page by fetch and XMLHttpRequest: what fails, takes too long or is given up is reported.
import { address, options } from "./clean";
import { crumb, tell } from "./core";
import { on } from "./queue";

// An abort before GIVEN_UP is the page's own housekeeping: somebody typed on or went elsewhere. Both in milliseconds.
const enum Limit { SLOW = 10_000, GIVEN_UP = 1_000 }
let leaving = false;

/** Begin to watch requests. */
export function watchRequests(): void {
  // Browsers end what is under way when a page is left; that is no failure.
  on("pagehide pageshow", ({ type }) => { leaving = type === "pagehide"; });
  const real = fetch;
  window.fetch = function (...given) {
    const [input, init] = given as [Request, RequestInit?];
    const end = begin(init?.method ?? input.method ?? "GET", input.url ?? input);
    return real.apply(this, given).then(answer => { end(answer.status); return answer; }, error => { end(0, `${error?.name}`); throw error; });
  };
  const proto = XMLHttpRequest.prototype, { open } = proto;
  proto.open = function (...given: any) {
    const end = begin(given[0], given[1]);
    for (const kind of ["load", "error", "timeout", "abort"]) this.addEventListener(kind, () => { end(this.status, kind); });
    open.apply(this, given);
  };
}

/** Return what is told how a request ended: its status and, of fetch, an error's name or, of XHR, an event's; the first time counts. */
function begin(method: string, where: unknown): (status: number, how?: string) => void {
  const started = performance.now(), caller = new Error(), url = address(where);
  let over = false;
  return (status_code, how = "load") => {
    if (over) return;
    over = true;
    const duration = performance.now() - started | 0;
    crumb({ category: "http", data: { method, url, status_code, duration } });
    const why = how !== "load" ? /abort|timeout/i.exec(how)?.[0].toLowerCase() ?? "failed to fetch" : status_code >= 500 ? `HTTP ${status_code}` : duration > (options.slow ?? Limit.SLOW) && "slow";
    if (why && !leaving && (why !== "abort" || duration > Limit.GIVEN_UP))
      tell("RequestError", `${method} ${url}: ${why}`, [why, method, url.replace(/\d+/g, "*")], why === "abort" || why === "slow", caller.stack);
  };
}
