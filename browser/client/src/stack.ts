// Stack traces of Chromium (`    at name (url:1:2)`), Firefox and Safari (`name@url:1:2`).
import { clean } from "./clean";
import type { Frame } from "./types";

const enum Limit { LINE = 999 } // the expression takes the square of it
const LINE = /^\s*(?:at (?:(.*) \()?|(.*)@)(.+?):(\d+):(\d+)\)?$/;
const enum Limit { FRAMES = 50 }

/** Return the frames of a stack, the innermost last; lines that are none are left out, `skip` inner frames too. */
export const frames = (stack: string | undefined, skip: number): Frame[] =>
  `${stack}`.split("\n").flatMap(line => {
    const [, chromium, other, file, row, column] = LINE.exec(line.slice(0, Limit.LINE)) ?? [];
    return file ? [{ filename: clean(file), function: chromium || other, lineno: +row!, colno: +column! }] : [];
  }).slice(skip, skip + Limit.FRAMES).reverse();
