import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { assistantCommand, assistantFiles, assistantV8Flags } from '../../src/runtime/assistant-command.ts';
import { LiveAssistant } from './live-assistant.ts';

const distDirectory = join(import.meta.dirname, '../../dist');
const command = (secretsFile: string) => assistantCommand({ node: process.execPath, distDirectory, secretsFile });

describe('the assistant as it ships', () => {
  before(() => {
    for (const file of assistantFiles)
      assert.ok(existsSync(join(distDirectory, file)), `dist/${file}: run npm run build`);
  });

  it('answers, with no right to anything but its files and the network', async () => {
    await using live = await LiveAssistant.serving();
    const channel = live.nextChannel();
    assert.deepEqual(await live.ask(channel, 'hello?'), ['[emulated model] You said: hello?']);
    const pid = live.process.pid;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    assert.equal(argv.includes(live.secret) || argv.includes(live.application.token), false);
    live.process.kill('SIGTERM');
    assert.equal(await live.exit(), 0);
    assert.equal(live.output.includes('Warning'), false, live.output);
  });

  it('cannot read, write or start anything else', () => {
    const secretsFile = join(mkdtempSync(join(tmpdir(), 'droas-shipped-')), 'secrets.json');
    const [node, ...args] = command(secretsFile);
    const attempt = (code: string) =>
      execFileSync(node, [...args.slice(0, -1), '-e', code], { encoding: 'utf8', stdio: 'pipe' });
    assert.equal(attempt('console.log(1)'), '1\n');
    for (const code of [
      `require('fs').readFileSync('/etc/passwd')`,
      `require('fs').writeFileSync('${secretsFile}', '')`,
      `require('child_process').execFileSync('true')`,
      `new (require('worker_threads').Worker)('1', { eval: true })`,
    ]) {
      assert.throws(() => attempt(code), /ERR_ACCESS_DENIED/, code);
    }
    rmSync(join(secretsFile, '..'), { recursive: true });
  });

  it('runs from the code cache', () => {
    const code = `console.log(require(${JSON.stringify(join(distDirectory, assistantFiles[0]))}).cachedDataRejected); process.exit()`;
    assert.equal(
      execFileSync(process.execPath, [...assistantV8Flags, '-e', code], { encoding: 'utf8', stdio: 'pipe' }),
      'false\n',
    );
  });
});
