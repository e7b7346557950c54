import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

export const repository = dirname(dirname(import.meta.dirname));

export type Outcome = { readonly code: number | null; readonly out: string };

/** A small repository in a temporary directory, to see what the scripts say about it. Removed by `using`. */
export class Project implements Disposable {
  readonly #base = mkdtempSync(join(tmpdir(), 'project-'));
  readonly root = join(this.#base, 'repository');

  constructor(files: Readonly<Record<string, string>>) {
    mkdirSync(this.root);
    this.write(files);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), content);
    }
  }

  /** Copies files or folders of this repository. */
  copy(...paths: readonly string[]): void {
    for (const path of paths) cpSync(join(repository, path), join(this.root, path), { recursive: true });
  }

  linkModules(): void {
    symlinkSync(join(repository, 'node_modules'), join(this.root, 'node_modules'));
  }

  /** Runs a script of the project as a person would: not as part of the tests that run now, and with a home of its own. */
  async node(...args: readonly string[]): Promise<Outcome> {
    const { NODE_TEST_CONTEXT: _, NODE_V8_COVERAGE: __, ...env } = process.env;
    const child = spawn(process.execPath, args, {
      cwd: this.root,
      env: { ...env, HOME: this.#base },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const [code, out, err] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
    return { code, out: out + err };
  }

  [Symbol.dispose](): void {
    rmSync(this.#base, { recursive: true, force: true });
  }
}
