import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { processesNaming } from '../support/daemon.ts';

const program = join(import.meta.dirname, '../../dist/main.js');
const demos: ChildProcess[] = [];
after(() => {
  for (const demo of demos) demo.kill('SIGKILL');
});

/** A demo whose three bots are ready, and the directory that it made. */
async function shown(): Promise<{ demo: ChildProcess; directory: string }> {
  const demo = spawn(process.execPath, [program, 'demo'], { stdio: ['ignore', 'pipe', 'ignore'] });
  demos.push(demo);
  let told = '';
  demo.stdout?.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  while ((told.match(/ready after/g) ?? []).length < 3) await once(demo.stdout ?? demo, 'data');
  const state = /--state (\S+)/.exec(told)?.[1] ?? '';
  assert.ok(existsSync(state), told);
  assert.match(told, /counter {2}discord\.js, one of the examples; try \/count/);
  return { demo, directory: dirname(state) };
}

for (const [how, end] of [
  ['Ctrl-C', (demo: ChildProcess) => demo.kill('SIGINT')],
  ['a terminal that is closed', (demo: ChildProcess) => demo.kill('SIGHUP')],
  // Noticed with the next event that it tells: the first misfortune comes by itself.
  ['a reader that goes away', (demo: ChildProcess) => demo.stdout?.destroy()],
] as const) {
  test(`${how} ends the demo, and nothing of it is left`, async () => {
    const { demo, directory } = await shown();
    const ended = once(demo, 'exit');
    end(demo);
    const [code] = await ended;
    assert.equal(code, 0);
    assert.equal(existsSync(directory), false);
    assert.deepEqual(processesNaming(directory), []);
  });
}
