/** A sample of one process tree. Bytes, seconds of CPU since the start of each process. */
export type TreeSample = { readonly rssBytes: number; readonly cpuSeconds: number; readonly processes: number };

export interface ProcessStats {
  sample(pids: readonly number[]): TreeSample;
  /** Proportional set size of the tree: dear (milliseconds), so rarely asked for. */
  pssBytes(pids: readonly number[]): number;
}
