import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EmulatorWishes } from '../../src/cli/wiring.ts';
import type { DroasError } from '../../src/core/errors.ts';
import { startEmulator } from '../../src/emulate.ts';

describe('droas emulator', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'droas-emulator-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const wishes: EmulatorWishes = { port: 0, bind: '127.0.0.1', allowRemote: false };
  const script = (text: string): string => {
    const path = join(directory, 'faults.yaml');
    writeFileSync(path, text);
    return path;
  };
  const refusal = async (wanted: Partial<EmulatorWishes>): Promise<DroasError> => {
    try {
      const running = await startEmulator({ ...wishes, ...wanted });
      await running.close();
    } catch (error) {
      return error as DroasError;
    }
    return assert.fail('it started');
  };

  it('plays a script, with the seed that it names', async () => {
    const running = await startEmulator({
      ...wishes,
      script: script('seed: 7\nsteps:\n  - fault: rest-error\n    target: bot\n    status: 503\n    for: 1h\n'),
    });
    try {
      assert.equal(running.seed, 7);
      const [application] = running.applications;
      const ask = () => fetch(`${running.url}/users/@me`, { headers: { authorization: `Bot ${application?.token}` } });
      let status = 0;
      for (const until = Date.now() + 5_000; status !== 503 && Date.now() < until; ) ({ status } = await ask());
      assert.equal(status, 503);
    } finally {
      await running.close();
    }
  });

  it('takes the seed of the command line rather than the script’s, and draws one without either', async () => {
    const seeds: number[] = [];
    for (const wanted of [{ seed: 5, script: script('seed: 7\nsteps: []\n') }, { script: script('steps: []\n') }, {}]) {
      const running = await startEmulator({ ...wishes, ...wanted });
      seeds.push(running.seed);
      await running.close();
    }
    assert.equal(seeds[0], 5);
    assert.notEqual(seeds[1], seeds[2]);
  });

  it('reports every mistake of a script with file, line and column, and what was meant', async () => {
    const path = script(
      [
        'seed: 1',
        'steps:',
        '  - fault: frezze',
        '    for: 10s',
        '  - fault: drop',
        '    tarjet: x',
        '    at: soon',
        '',
      ].join('\n'),
    );
    const { code, message, details } = await refusal({ script: path });
    assert.equal(code, 'CONFIG_INVALID');
    assert.match(message, /has 3 errors; nothing was started/);
    assert.deepEqual(
      details.map(({ where, what }) => `${where.replace(path, 'F')}: ${what}`),
      [
        'F:3:12 steps[0].fault: there is no such fault: did you mean "freeze"?',
        'F:6:5 steps[1].tarjet: this is not known here: did you mean "target"?',
        'F:7:9 steps[1].at: expected a duration such as 500ms, 10s or 5m',
      ],
    );
  });

  it('refuses a fault that can never act, at its place', async () => {
    const path = script(
      [
        'steps:',
        '  - fault: close',
        '    code: 1006',
        '  - fault: drop',
        '    target: bot',
        '    on: hello',
        '  - fault: node-down',
        '    node: 2',
        '',
      ].join('\n'),
    );
    const { details } = await refusal({ script: path });
    assert.deepEqual(
      details.map(({ where }) => where.replace(path, 'F')),
      ['F:3:11 steps[0].code', 'F:6:9 steps[1].on', 'F:8:11 steps[2].node'],
    );
  });

  it('warns of a target that does not exist yet, once, and starts', async () => {
    const steps = ['bot', 'greeter', 'greeter', '"*"'].map((target) => `  - fault: drop\n    target: ${target}\n`);
    const path = script(`steps:\n${steps.join('')}  - fault: llm-cut\n`);
    const running = await startEmulator({ ...wishes, script: path });
    try {
      assert.deepEqual(
        running.warnings.map((warning) => warning.replace(path, 'F')),
        ['F:5:13 steps[1].target: there is no application "greeter" yet: until one is created, nothing is hit'],
      );
    } finally {
      await running.close();
    }
  });

  it('names what is known when nothing is near', async () => {
    const { details } = await refusal({ script: script('steps:\n  - fault: earthquake\n') });
    assert.match(details[0]?.what ?? '', /^there is no such fault: expected one of close, drop, /);
  });

  it('reports what is no YAML, no script or no file', async () => {
    for (const [text, what] of [
      ['steps: [', /^this is no valid YAML/],
      ['', /^expected a map with `steps`$/],
      ['- fault: drop', /^expected a map with `steps`$/],
    ] as const)
      assert.match((await refusal({ script: script(text) })).details[0]?.what ?? '', what, text);
    const { code, details } = await refusal({ script: join(directory, 'nothing.yaml') });
    assert.deepEqual([code, details[0]?.what], ['CONFIG_INVALID', 'this does not exist']);
  });

  it('tells at most a hundred mistakes', async () => {
    const steps = Array.from({ length: 500 }, () => '  - fault: x').join('\n');
    const { message, details } = await refusal({ script: script(`steps:\n${steps}\n`) });
    assert.match(message, /500 errors/);
    assert.equal(details.length, 100);
  });

  it('says that a port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = other.address() as AddressInfo;
      const { code, message } = await refusal({ port });
      assert.equal(code, 'USAGE');
      assert.match(message, new RegExp(`port ${port} of 127.0.0.1 is in use: choose another`));
    } finally {
      other.close();
    }
  });

  it('listens to other machines only when that was asked for', async () => {
    const { code, remedy } = await refusal({ bind: '0.0.0.0' });
    assert.equal(code, 'NOT_ALLOWED');
    assert.match(remedy ?? '', /--allow-remote/);
    const { message } = await refusal({ bind: '192.0.2.1', allowRemote: true });
    assert.match(message, /does not have that address/);
  });
});
