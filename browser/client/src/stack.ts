// Stack traces of Chromium (`    at name (url:1:2)`), Firefox and Safari (`name@url:1:2`).
import { clean } from "./clean";
import type { Frame } from "./types";

const LINE = /^\s*(?:at (?:(.*) \()?|(.*)@)(.+?):(\d+):(\d+)\)?$/;

/** Return the frames of a stack, the innermost last; lines that are none are left out, `skip` inner frames too. */
export const frames = (stack: string | undefined, skip: number): Frame[] =>
  `${stack}`.split("\n").flatMap(line => {
    const [, chromium, other, file, row, column] = LINE.exec(line) ?? [];
    return file ? [{ filename: clean(file), function: chromium || other, lineno: +row!, colno: +column! }] : [];
  }).slice(skip).reverse();
