#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { cacheDirectory, currentUser, socketPath, stateDirectory, trustSocket } from './adapters/system/paths.ts';
import type { Wiring } from './cli/wiring.ts';
import { packageDirectory, supervisorFlags, version } from './version.ts';

/**
 * The program. Wires the command line to everything that a command may need; each part is loaded by the command that
 * needs it, because `droas ps` should cost nothing but the question it asks.
 */
const oldestNode = 24;
const user = currentUser();

const wiring: Wiring = {
  version,
  stateDirectory: (flag) => stateDirectory(flag, process.env, user),
  socketPath: (directory) => socketPath(directory, user),
  trustSocket: (path) => trustSocket(path, user),
  findConfig: async (flag) => {
    const { findConfig } = await import('./adapters/yaml/index.ts');
    return findConfig({ option: flag, env: process.env, cwd: process.cwd(), exists: existsSync });
  },
  checkConfig: async (configPath) => {
    const { loadFleet } = await import('./adapters/yaml/index.ts');
    const { bots, capacity } = loadFleet({ configPath, env: process.env });
    const services = bots.filter(({ kind }) => kind === 'service').length;
    return { bots: bots.length - services, services, capacity };
  },
  configSchema: async () => JSON.parse(readFileSync(join(packageDirectory, 'docs/droas.schema.json'), 'utf8')),
  self: [process.execPath, ...supervisorFlags, import.meta.filename],
  startDaemon: async (options) => (await import('./daemon.ts')).startDaemon(options),
  runDemo: async (options) => (await import('./demo/run.ts')).runDemo(options),
  startEmulator: async (wishes) => (await import('./emulate.ts')).startEmulator(wishes),
  remains: async (directory) => {
    const [{ openJournalReader }, { readLog }, { eventView, logLineView }] = await Promise.all([
      import('./adapters/sqlite/journal-reader.ts'),
      import('./runtime/logs/log-reader.ts'),
      import('./runtime/views.ts'),
    ]);
    const journal = openJournalReader(directory);
    if (journal === null) return null;
    return {
      events: ({ sinceMs, ...query }) =>
        journal.events({ ...query, ...(sinceMs === undefined ? {} : { sinceWallMs: sinceMs }) }).map(eventView),
      logs: async (bot, { limit, sinceMs }) =>
        (
          await readLog(join(directory, 'logs', bot), bot, {
            limit,
            ...(sinceMs === undefined ? {} : { sinceWallMs: sinceMs }),
          })
        ).map(logLineView),
      bots: () => journal.bots().map(({ name, child }) => ({ name, desired: child.desired, state: child.state.name })),
      close: () => journal.close(),
    };
  },
};

async function main(): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    process.stderr.write(
      `droas needs Node ${oldestNode} or newer; this is ${process.versions.node}. See https://nodejs.org\n`,
    );
    return 1;
  }
  // The demo removes everything that it makes, so it keeps no cache either.
  if (!process.argv.includes('demo')) module.enableCompileCache(cacheDirectory(process.env, user));
  const { run } = await import('./cli/run.ts');
  return run(process.argv.slice(2), wiring);
}

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write('', () => resolve()));

const code = await main();
await Promise.all([written(process.stdout), written(process.stderr)]);
process.exit(code);
