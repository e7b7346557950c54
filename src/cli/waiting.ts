export type WaitOptions = { readonly wait: boolean /** Milliseconds. */; readonly timeout: number };

/** The query that makes the supervisor answer when an operation is finished. */
export const waitQuery = ({ wait, timeout }: WaitOptions): string => (wait ? `?wait=${timeout}ms` : '');

/** Resolves after a pause between two looks at something that has no way to call back. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
