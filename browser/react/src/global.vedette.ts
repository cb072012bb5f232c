// The client where it is a global, for the classic script.
import type * as Vedette from "@vedette/browser";

export const { feedback, logError } = (window as unknown as { Vedette: typeof Vedette }).Vedette;
