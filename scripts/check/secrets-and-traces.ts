import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { at, type Finding, lineAt } from './finding.ts';

/**
 * What must not be in the repository: secrets, because they are burned once pushed (and token-shaped fixtures, because
 * scanners cannot tell them apart; tests make them at run time), and traces of the machine it was written on. The homes
 * of Ada, of you and of me are examples.
 */
const forbidden: readonly (readonly [RegExp, string])[] = [
  [/\b[\w-]{18,30}\.[\w-]{6,7}\.[\w-]{27,45}(?![\w-])/g, 'looks like a Discord token: make it at run time'],
  [/\b(?:sk|ghp|gho|npm|xoxb)[-_][A-Za-z0-9_-]{24,}/g, 'looks like an access key'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----\n|AGE-SECRET-KEY-1[0-9A-Z]{20,}/g, 'is a private key'],
  [/_auth(?:Token)?\s*=|^[ \t]*registry\s*=|"resolved":\s*"http/gm, 'ties the installation to one registry'],
  [/\bhttps?:\/\/(?:[\w.-]*\b(?:registry|nexus|artifactory|verdaccio|npm-proxy)\b[\w.-]*)/gi, 'names a registry host'],
  [
    /(?<![\w.~$}-])\/(?:work|root|workspace|mnt|Users\/\w+|home\/(?!ada\/|me\/|you\/)\w+)\/[\w.-]+/g,
    'is a path of one machine',
  ],
  [/\b[A-Z]{4,} §\s?\d/g, 'points at a page that is not in the repository'],
];

/** Directories that git ignores (`name/` lines of .gitignore), git's own, and those of a build under way. */
function ignored(root: string): string[] {
  const lines = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');
  return ['.git', 'dist.*', ...lines.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1))];
}

/** Every forbidden text in the files of the repository. The text itself is not repeated: it may be a secret. */
export function traceFindings(root: string): Finding[] {
  const skip = ignored(root);
  const exclude = ({ name }: { name: string }) => skip.some((pattern) => matchesGlob(name, pattern));
  const entries = globSync('**', { cwd: root, withFileTypes: true, exclude });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.sort().flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    if (text.includes('\0')) return [];
    return forbidden.flatMap(([pattern, what]) =>
      [...text.matchAll(pattern)].map(({ index, 0: found }) =>
        at(file.slice(root.length + 1), lineAt(text, index), `${found.trim().slice(0, 4)}… ${what}`),
      ),
    );
  });
}
