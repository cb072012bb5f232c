import { Component, type ErrorInfo, type ReactElement, type ReactNode } from "react";
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
interface State {
    caught?: {
        error: unknown;
    };
    eventId: string;
}
/** Report what its children throw while they are drawn, and draw the fallback in their place. */
export declare class ErrorBoundary extends Component<BoundaryProps, State> {
    state: State;
    static getDerivedStateFromError: (error: unknown) => Partial<State>;
    componentDidCatch(error: Error, info: ErrorInfo): void;
    componentDidUpdate(before: BoundaryProps, { caught }: State): void;
    reset: () => void;
    render(): ReactNode;
}
/** Return a function that hands an error (of an event handler, a promise) to the boundary above; a given error is handed at once. */
export declare function useErrorHandler(given?: unknown): (error: unknown) => void;
export {};
