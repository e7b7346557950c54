import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { faultKinds } from '../../src/emulator/faults/fault.ts';
import { discordLimits } from '../../src/emulator/limits.ts';
import { call } from '../emulator/call.ts';

/** docs/emulator.md, done as it says: its snippets with the built program, its tables against the code. */
const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/emulator.md'), 'utf8');
const run = promisify(execFile);

/** The fenced block behind `<!-- run: name -->`, with the name of the file that it stands for. */
function snippet(name: string): { readonly file: string; readonly code: string } {
  const pattern = new RegExp(`<!-- run: ${name}(?:, as (\\S+))? -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``);
  const [, file = '', code] = pattern.exec(page) ?? [];
  assert.ok(code !== undefined, `the guide has no snippet ${name}`);
  return { file, code };
}

/** The first cells of the table behind a comment, without their backquotes. */
const table = (name: string): string[][] => {
  const [, rows = ''] = new RegExp(`<!-- ${name} -->\\n((?:\\|.*\\n)+)`).exec(`${page}\n`) ?? [];
  return rows
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
};

type Running = {
  readonly url: string;
  readonly applications: readonly {
    readonly id: string;
    readonly token: string;
    readonly channelIds: readonly string[];
  }[];
};

/** `droas emulator` of the built program. */
async function startEmulator(...args: readonly string[]): Promise<Running & { end(): Promise<void> }> {
  const child = spawn(join(root, 'bin/droas'), ['emulator', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (isWhole(said)) break;
  }
  child.stdout.resume();
  return {
    ...(JSON.parse(said) as Running),
    async end() {
      child.kill();
      await exited;
    },
  };
}

function isWhole(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

describe('the guide to the emulator', () => {
  const directory = mkdtempSync(join(tmpdir(), 'droas-guide-'));
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  let base = '';

  const ask = async (path: string, body?: unknown) =>
    (await call(`${base}/emulator${path}`, body === undefined ? 'GET' : 'POST', { body })).body;
  /** As the reader would: the same lines in one shell, at the address of this run. */
  const shell = async (code: string, environment: Record<string, string>) =>
    (
      await run('sh', ['-e', '-c', code.replaceAll('http://127.0.0.1:7430', base)], {
        cwd: directory,
        env: { ...process.env, ...environment },
      })
    ).stdout;

  before(async () => {
    const modules = join(directory, 'node_modules');
    for (const name of ['discord.js', '@discordjs/core', '@discordjs/rest', '@discordjs/ws', 'oceanic.js']) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    symlinkSync(root, join(modules, 'droas'));
    emulator = await startEmulator();
    base = emulator.url.replace(/\/api$/, '');
  });
  after(async () => {
    await emulator.end();
    rmSync(directory, { recursive: true });
  });

  for (const library of ['discord.js', '@discordjs/core', 'oceanic.js', 'discord.py'])
    it(`points ${library} at it, and the bot answers`, async () => {
      const { file, code } = snippet(library);
      const own = join(directory, library.replace(/\W/g, '-'));
      mkdirSync(own);
      writeFileSync(join(own, file), code);
      const { id, token, channelIds } = await ask('/applications', { name: library });
      const [program = '', path = ''] = file.endsWith('.py')
        ? [process.env['DROAS_TEST_PYTHON'], process.env['DROAS_TEST_PYTHONPATH']]
        : [process.execPath];
      assert.ok(
        program !== '',
        'DROAS_TEST_PYTHON does not say which Python has discord.py: run `npm run test:system`',
      );
      const bot = spawn(program, [file], {
        cwd: own,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, PYTHONPATH: path, DISCORD_TOKEN: token, DISCORD_API: emulator.url },
      });
      const exited = once(bot, 'exit');
      const errors = text(bot.stderr);
      try {
        await firstEntry(`type=ready&applicationId=${id}`);
        await firstEntry(`type=dispatch&event=GUILD_CREATE&applicationId=${id}`);
        await ask('/say', { channelId: channelIds[0], content: 'are you there?', mention: id });
        await firstEntry(`type=message&applicationId=${id}`);
        const messages = await ask(`/channels/${channelIds[0]}/messages`);
        assert.deepEqual(
          messages.map(({ content }: { content: string }) => content),
          [`<@${id}> are you there?`, 'pong'],
        );
      } catch (error) {
        bot.kill('SIGKILL');
        throw new Error(`the bot said: ${await errors}`, { cause: error });
      } finally {
        bot.kill('SIGKILL');
        await exited;
      }
    });

  /** Waits for a fact of the ledger over HTTP. */
  async function firstEntry(query: string): Promise<void> {
    const known = await ask(`/ledger?${query}`);
    if (known.length > 0) return;
    const stream = await fetch(`${base}/emulator/ledger/stream?${query}&after=0`, {
      signal: AbortSignal.timeout(20_000),
    });
    let events = '';
    for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      events += chunk;
      if (/^data:/m.test(events)) return;
    }
    throw new Error(`the ledger's stream ended before ${query}`);
  }

  it('talks, breaks something and asks the ledger by curl', async () => {
    const [bot] = emulator.applications;
    const names = { CHANNEL: bot?.channelIds[0] ?? '', BOT: bot?.id ?? '' };
    const talk = snippet('talk').code;
    const [addresses = ''] = /^(?:[EJ]=.*\n)+/.exec(talk) ?? [];
    assert.match(await shell(talk, names), /are you there\?/);
    assert.doesNotMatch(await shell(addresses + snippet('faults').code, names), /"error"/);
    const answers = await shell(addresses + snippet('ledger').code, names);
    assert.doesNotMatch(answers, /"error"/);
    assert.match(answers, /"never":/);
  });

  it('plays its script of faults', async () => {
    const { file, code } = snippet('script');
    writeFileSync(join(directory, file), code);
    const playing = await startEmulator('--script', join(directory, file));
    await playing.end();
  });

  it('has a test that passes', async () => {
    for (const name of ['discord.js', 'test']) {
      const { file, code } = snippet(name);
      writeFileSync(join(directory, file), code);
    }
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const { stdout } = await run(process.execPath, ['--test', 'bot.test.mjs'], { cwd: directory, env: environment });
    assert.match(stdout, /pass 1\n/);
  });

  it('names every limit with the number that the emulator has', () => {
    const shown = table('limits').map(([name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]);
    assert.deepEqual(Object.fromEntries(shown), discordLimits);
  });

  it('names every fault', () => {
    const shown = table('faults').flatMap(([names = '']) => names.split(', '));
    assert.deepEqual(shown.sort(), faultKinds.map(({ shape }) => shape.fault.value).sort());
  });
});
