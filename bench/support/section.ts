import type { Row } from './row.ts';

/** What one part of a benchmark found. */
export type Findings = {
  readonly rows: readonly Row[];
  /** What a reader must know to understand the rows, one sentence each. */
  readonly notes?: readonly string[];
};

/** Runs parts one after the other: one that fails (not: one that is slow) does not keep the others from running. */
export class Report {
  readonly rows: Row[] = [];
  readonly notes: string[] = [];
  readonly failures: string[] = [];
  readonly #progress: (what: string) => void;

  constructor(progress: (what: string) => void) {
    this.#progress = progress;
  }

  async part(what: string, measure: () => Promise<Findings>): Promise<void> {
    this.#progress(what);
    await this.attempt(what, async () => {
      const { rows, notes = [] } = await measure();
      this.rows.push(...rows);
      this.notes.push(...notes);
    });
  }

  /** Several parts that share something, which may itself fail. */
  async attempt(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      for (const message of messagesOf(error)) this.failures.push(`${what}: ${message}`);
    }
  }
}

/** The failure and, when releasing things failed too, what that said. */
const messagesOf = (error: unknown): readonly string[] =>
  error instanceof SuppressedError
    ? [...messagesOf(error.suppressed), ...messagesOf(error.error)]
    : [(error as Error).message];
