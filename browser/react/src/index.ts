// @vedette/react: an error boundary that reports, can be reset, and asks the user what happened.
import { feedback as ask, logError } from "@vedette/browser";
import { Component, createElement, useCallback, useState, type ErrorInfo, type ReactElement, type ReactNode } from "react";

/** What a fallback is told and may do. */
export interface Fallen {
  error: unknown;
  /** The id of the reported event; empty when nothing was sent. */
  eventId: string;
  /** Draw the children again. */
  reset: () => void;
  /** Ask the user what happened, about this event. */
  feedback: () => void;
}

export interface BoundaryProps {
  children?: ReactNode;
  /** What is drawn in place of the children: an element, or what makes one. */
  fallback?: ReactElement | ((fallen: Fallen) => ReactNode);
  /** When one of these changes, the children are drawn again. */
  resetKeys?: readonly unknown[];
  /** Offer the feedback form on the fallback that is drawn when none is given. */
  feedback?: boolean;
  onError?: (error: unknown, info: ErrorInfo, eventId: string) => void;
  onReset?: () => void;
}

interface State { caught?: { error: unknown }; eventId: string }
const FINE: State = { caught: undefined, eventId: "" };

/** Report what its children throw while they are drawn, and draw the fallback in their place. */
export class ErrorBoundary extends Component<BoundaryProps, State> {
  override state = FINE;

  static getDerivedStateFromError = (error: unknown): Partial<State> => ({ caught: { error } });

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    const eventId = logError(error instanceof Error ? error : { message: String(error) }, { contexts: { react: { componentStack: info.componentStack } } });
    this.setState({ eventId });
    this.props.onError?.(error, info, eventId);
  }

  override componentDidUpdate(before: BoundaryProps, { caught }: State): void {
    const keys = this.props.resetKeys ?? [], old = before.resetKeys ?? [];
    // Not when the change itself made the children fail.
    if (caught && this.state.caught && (keys.length !== old.length || keys.some((key, at) => !Object.is(key, old[at])))) this.reset();
  }

  reset = (): void => {
    this.props.onReset?.();
    this.setState(FINE);
  };

  override render(): ReactNode {
    const { caught, eventId } = this.state, { children, fallback = plain, feedback } = this.props;
    if (!caught) return children;
    if (typeof fallback !== "function") return fallback;
    const fallen = { error: caught.error, eventId, reset: this.reset, feedback: () => { void ask({ eventId }); } };
    return fallback === plain ? plain(fallen, feedback) : fallback(fallen);
  }
}

const plain = ({ reset, feedback }: Fallen, asks?: boolean): ReactNode => createElement("div", { role: "alert" },
  createElement("p", null, "Something went wrong here."),
  createElement("button", { type: "button", onClick: reset }, "Try again"),
  asks && createElement("button", { type: "button", onClick: feedback }, "Tell us what happened"));

/** Return a function that hands an error (of an event handler, a promise) to the boundary above; a given error is handed at once. */
export function useErrorHandler(given?: unknown): (error: unknown) => void {
  const [held, hold] = useState<{ error: unknown }>();
  if (held) throw held.error;
  if (given !== undefined && given !== null) throw given;
  return useCallback((error: unknown) => { hold({ error }); }, []);
}
