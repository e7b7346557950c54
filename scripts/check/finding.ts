/** One failure of a check, as people read it: `file:line what is wrong, and why it matters`. */
export type Finding = string;

export const at = (file: string, line: number, what: string): Finding => `${file}:${line} ${what}`;

/** The 1-based line of an offset in a text. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
