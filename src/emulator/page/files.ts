import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = join(import.meta.dirname, 'browser');

/**
 * What the browser loads, by file name. Only ever evaluated from the sources: the build puts the outcome in place of this
 * module, so that a bundle carries the page within itself and looks for nothing beside it.
 */
export const files: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(directory)
    .filter((name) => /\.(html|css|js|svg)$/.test(name))
    .map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
);
