/** Hands secrets to one incarnation: a 0600 file, on tmpfs where there is one, complete before the spawn. */
export interface SecretFiles {
  /** Returns the path. Keys are environment names; the file is one JSON object. */
  write(bot: string, incarnation: number, secrets: Readonly<Record<string, string>>): string;
  remove(bot: string, incarnation: number): void;
  /** Removes every file whose incarnation is not named: after a crash of the supervisor. */
  sweep(keep: readonly { readonly bot: string; readonly incarnation: number }[]): void;
}
