import { join } from 'node:path';

/** What the built-in bot consists of, in the directory of the build. */
export const assistantFiles = ['assistant-run.cjs', 'assistant.cjs', 'assistant.cache'] as const;

/**
 * A bot that waits for people needs memory more than speed. With a small young generation, early collections and no
 * optimizing compilers it has 82 MB of RSS after 200 answers in a row instead of 165, for some 10 ms of CPU more per
 * answer. V8 accepts a code cache only under the flags with which it was made, so the build uses them too.
 */
export const assistantV8Flags = ['--max-semi-space-size=1', '--optimize-for-size', '--no-opt', '--no-maglev'] as const;

/**
 * The exact command of the built-in bot. It may read its own files and its secrets and use the network; it may write
 * nothing, start nothing and be debugged by nobody. Node 24 does not restrict the network and knows no `--allow-net`.
 */
export function assistantCommand(options: {
  /** A Node of the version that runs this. */
  readonly node: string;
  /** Where `assistant-run.cjs` is; a real path, because Node compares grants literally. */
  readonly distDirectory: string;
  readonly secretsFile: string;
}): readonly [string, ...string[]] {
  const file = (name: string) => join(options.distDirectory, name);
  const readable = [...assistantFiles.map(file), options.secretsFile];
  return [
    options.node,
    ...assistantV8Flags,
    '--disable-sigusr1',
    '--disable-warning=ExperimentalWarning',
    '--permission',
    ...(process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []),
    ...readable.map((path) => `--allow-fs-read=${path}`),
    file(assistantFiles[0]),
  ];
}
