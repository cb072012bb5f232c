export { crumb, logError } from "./core";
export type { Crumb, Exception, FeedbackOptions, Frame, Level, Logged, Options, Report, Words } from "./types";
export declare const init: (given?: import("./types").Options) => void, feedback: (given?: import("./types").FeedbackOptions) => Promise<void>;
