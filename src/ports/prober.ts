/** What a probe found. `broken`: it could not run, which says nothing about the child. */
export type ProbeResult = { readonly outcome: 'passed' | 'failed' | 'broken'; readonly detail: string | null };

export type ProbeTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'exec'; readonly command: readonly [string, ...string[]]; readonly cwd: string };

export interface Prober {
  /** Never rejects, and ends within `timeoutMs`, whatever the target does. */
  probe(target: ProbeTarget, timeoutMs: number): Promise<ProbeResult>;
}
