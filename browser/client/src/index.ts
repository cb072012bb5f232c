// @vedette/browser as an ES module.
import { starter } from "./start";

export { crumb, logError } from "./core";
export type { Crumb, Exception, FeedbackOptions, Frame, Level, Logged, Options, Report, Words } from "./types";
export const { init, feedback } = starter(name => name === "vitals" ? import("./vedette.vitals.js") : import("./vedette.feedback.js"));
