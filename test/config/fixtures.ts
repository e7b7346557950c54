import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { loadFleet } from '../../src/adapters/yaml/index.ts';
import type { Environment } from '../../src/core/config/interpolate.ts';
import type { FleetSpec } from '../../src/core/config/spec.ts';
import type { DroasError, ErrorCode } from '../../src/core/errors.ts';

/** Discord's form and nothing behind it; made here so that no file holds anything like a token. */
export const token = (id: string, filling = 'x'): string =>
  [Buffer.from(id).toString('base64url'), filling.repeat(6), filling.repeat(38)].join('.');

export const musicToken = token('123456789012345678');
export const modToken = token('223456789012345678');

/** A folder with files, removed after the test file. Names ending in / are folders. Returns the path of droas.yaml. */
export function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const path = mkdtempSync(join(tmpdir(), 'droas-config-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(name.endsWith('/') ? file : dirname(file), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(file, content, { mode: 0o600 });
  }
  return join(path, 'droas.yaml');
}

export const load = (configPath: string, env: Environment = {}): FleetSpec => loadFleet({ configPath, env });

/** The error that `act` throws. */
export function failure(act: () => unknown, code: ErrorCode): DroasError {
  try {
    act();
  } catch (error) {
    const failed = error as DroasError;
    if (failed.code === code) return failed;
    throw error;
  }
  throw new Error(`nothing was thrown, expected ${code}`);
}

/** What is wrong with the files, one line each: `where: what`. */
export const faults = (files: Readonly<Record<string, string | Buffer>>, env: Environment = {}): readonly string[] =>
  lines(failure(() => load(folder(files), env), 'CONFIG_INVALID'));

export const lines = (error: DroasError): readonly string[] =>
  error.details.map(({ where, what }) => `${where}: ${what}`);

/** Runs `act` as a user who is not root: root may do everything. */
export function asOrdinaryUser<T>(configPath: string, act: () => T): T {
  if (process.geteuid?.() !== 0) return act();
  chmodSync(dirname(configPath), 0o755);
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
