// `init`, and the parts that are loaded when they are asked for.
import { options } from "./clean";
import { client } from "./core";
import { listen } from "./listen";
import { connect } from "./queue";
import { watchRequests } from "./requests";
import type { FeedbackOptions, Options, Part } from "./types";

let started = false;

/** Return `init` and `feedback` for a way to load the other parts. */
export const starter = (load: (name: "vitals" | "feedback") => Promise<Part>) => ({
  /** Begin to report. Called again, it changes options alone. Outside a browser it does nothing. */
  init(given?: Options): void {
    Object.assign(options, given);
    if (started || typeof document === "undefined") return;
    if (started = connect(options.dsn)) {
      watchRequests();
      listen();
      if (options.vitals) load("vitals").then(part => part.begin(client), () => { /* blocked by somebody: the page does not need it */ });
    } else console.warn("Vedette: no DSN like https://KEY@host/1; nothing is sent");
  },
  /** Ask the user what happened, in a dialog; rejects when the form cannot be loaded. */
  feedback: (given?: FeedbackOptions): Promise<void> => load("feedback").then(part => part.begin(client, given)),
});
