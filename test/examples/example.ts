import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { type Document, TestFleet } from '../support/daemon.ts';

const repository = join(import.meta.dirname, '../..');
/** The bots of the examples say `node`, and mean one that is recent enough. */
const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);

/** An example as it stands in the repository, copied and installed, and a fleet that runs its bots. */
export class Example {
  readonly fleet: TestFleet;
  readonly directory: string;

  /** `installed` are packages of this repository, and itself. */
  constructor(name: string, { fleet = {}, installed = [] }: { fleet?: Document; installed?: readonly string[] } = {}) {
    this.fleet = new TestFleet({});
    this.directory = join(this.fleet.directory, name);
    cpSync(join(repository, 'examples', name), this.directory, { recursive: true });
    for (const dependency of installed) {
      const from = dependency === 'droas' ? repository : realpathSync(join(repository, 'node_modules', dependency));
      mkdirSync(join(this.directory, 'node_modules'), { recursive: true });
      symlinkSync(from, join(this.directory, 'node_modules', dependency));
    }
    const folder = join(this.directory, 'bots.d');
    const bots = readdirSync(folder).map((file): [string, Document] => {
      const document: Document = parse(readFileSync(join(folder, file), 'utf8'));
      return [file.replace(/\.yaml$/, ''), { ...document, cwd: this.directory }];
    });
    this.fleet.configure(Object.fromEntries(bots), fleet);
    this.fleet.environment = { PATH };
  }

  /** Secrets, as people put them into the supervisor's environment. */
  secrets(secrets: Readonly<Record<string, string>>): void {
    this.fleet.environment = { ...this.fleet.environment, ...secrets };
  }

  async dispose(): Promise<void> {
    await this.fleet.dispose();
  }
}
