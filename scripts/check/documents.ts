import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { at, type Finding, lineAt } from './finding.ts';

const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8');

/** The pages that people read: at the top and below docs/. */
const pages = (root: string): string[] => globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort();

/** Fenced code and comments hold no links: they are blanked, so that lines keep their numbers. */
const withoutCode = (markdown: string): string =>
  markdown.replace(/^```[\s\S]*?^```|`[^`\n]*`|<!--[\s\S]*?-->/gm, (code) => code.replace(/[^\n]/g, ' '));

/** The anchors of a page, made of its headings as GitHub makes them; a repeated heading gets -1, -2, … */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const text = markdown.replace(/^```[\s\S]*?^```/gm, '');
  for (const [, heading = ''] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with a link from `file` (relative to `root`); null when it leads somewhere. */
function broken(root: string, file: string, link: string): string | null {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, file) : resolve(root, dirname(file), decodeURIComponent(path));
  const shown = relative(root, target);
  if (shown.startsWith('..')) return `leads out of the repository: ${link}`;
  if (!existsSync(target)) return `leads nowhere: ${link} (${shown} does not exist)`;
  if (anchor === undefined || !target.endsWith('.md') || statSync(target).isDirectory()) return null;
  return anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? null : `${shown} has no heading #${anchor}`;
}

/** Links, images and reference definitions of every page that lead nowhere. Addresses of other sites are not asked. */
export function linkFindings(root: string): Finding[] {
  const link = /\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)|(?:src|href)="([^"]+)"/gm;
  return pages(root).flatMap((file) => {
    const text = withoutCode(read(root, file));
    return [...text.matchAll(link)].flatMap((match) => {
      const address = match[1] ?? match[2] ?? match[3] ?? '';
      if (/^[a-z][a-z+.-]*:/i.test(address)) return [];
      const what = broken(root, file, address);
      return what === null ? [] : [at(file, lineAt(text, match.index), what)];
    });
  });
}

/** Pages of the manual that comments in the code send the reader to, and that do not exist. */
export function citationFindings(root: string): Finding[] {
  const citation = /(?<![\w/.-])docs\/[\w./-]+\.md(?:#[\w-]+)?/g;
  return globSync(['{src,scripts,bench}/**/*.ts', 'bin/*'], { cwd: root })
    .sort()
    .flatMap((file) => {
      const text = read(root, file);
      return [...text.matchAll(citation)].flatMap((match) => {
        const what = broken(root, 'README.md', match[0]);
        return what === null ? [] : [at(file, lineAt(text, match.index), what)];
      });
    });
}

/** Every code of the error table needs a heading of its own in docs/errors.md, and every such heading a code. */
export function errorFindings(root: string, codes: readonly string[]): Finding[] {
  const file = 'docs/errors.md';
  if (!existsSync(join(root, file))) return [at(file, 1, 'does not exist: every error code is explained there')];
  const text = read(root, file);
  const explained = [...text.matchAll(/^#{2,4}\s+`?([A-Z][A-Z_]+)`?\s*$/gm)];
  const names = new Set(explained.map((match) => match[1]));
  return [
    ...codes.filter((code) => !names.has(code)).map((code) => at(file, 1, `${code} has no heading: explain it`)),
    ...explained
      .filter((match) => !codes.includes(match[1] ?? ''))
      .map((match) => at(file, lineAt(text, match.index), `${match[1]} is not in src/core/errors.ts any more`)),
  ];
}
