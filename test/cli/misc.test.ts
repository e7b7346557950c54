import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { unreachable } from '../../src/cli/client.ts';
import type { Remains } from '../../src/cli/wiring.ts';
import { DroasError, errorEntry } from '../../src/core/errors.ts';
import { serveFleet } from '../support/api-server.ts';
import { droas } from '../support/command-line.ts';
import { botNamed, FakeFleet } from '../support/fake-fleet.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { deliverToNew } from '../support/signals.ts';

describe('droas config', () => {
  it('validates the configuration that is found, or the one that is named', async () => {
    const wiring = {
      findConfig: async (flag?: string) => flag ?? '/srv/droas.yaml',
      checkConfig: async () => ({ bots: 3, services: 1, capacity: 10 }),
    };
    assert.deepEqual(await droas(['config', 'validate'], { wiring }), {
      code: 0,
      out: '✔ /srv/droas.yaml: 3 of at most 10 bots, 1 service, no errors\n',
      err: '',
    });
    assert.deepEqual(JSON.parse((await droas(['config', 'validate', '/x.yaml', '--json'], { wiring })).out), {
      apiVersion: 'v1',
      config: '/x.yaml',
      bots: 3,
      services: 1,
      capacity: 10,
    });
  });

  it('shows every fault, and is 6', async () => {
    const faults = [
      { where: 'droas.yaml:8:20 bots.music.restart.maxAttempts', what: 'expected a number' },
      { where: 'droas.yaml:10:5 bots.echo', what: 'unknown key "comand"; did you mean "command"?' },
    ];
    const wiring = {
      checkConfig: async () => {
        throw new DroasError('CONFIG_INVALID', '2 errors', { details: faults });
      },
    };
    const { code, out, err } = await droas(['config', 'validate', 'x'], { wiring });
    assert.deepEqual({ code, out }, { code: 6, out: '' });
    assert.equal(
      err,
      '✖ 2 errors\n    droas.yaml:8:20 bots.music.restart.maxAttempts: expected a number\n    droas.yaml:10:5 bots.echo: unknown key "comand"; did you mean "command"?\n',
    );
    const problem = JSON.parse((await droas(['config', 'validate', 'x', '--json'], { wiring })).err);
    assert.equal(problem.code, 'CONFIG_INVALID');
    assert.deepEqual(problem.errors[0], { pointer: faults[0]?.where, detail: faults[0]?.what });
  });

  it('prints the schema, which is JSON in any case', async () => {
    const wiring = { configSchema: async () => ({ type: 'object' }) };
    for (const argv of [
      ['config', 'schema'],
      ['config', 'schema', '--json'],
    ]) {
      assert.deepEqual(JSON.parse((await droas(argv, { wiring })).out), { type: 'object' });
    }
  });
});

describe('droas where no supervisor runs', () => {
  function left(): { wiring: { remains: () => Promise<Remains> }; closed: () => number } {
    const fleet = new FakeFleet(botNamed('mod'));
    fleet.record({ bot: 'music' });
    fleet.record({ at: '2026-01-31T13:00:00.000Z' });
    fleet.print('mod', 'last words');
    let closed = 0;
    const remains = async (): Promise<Remains> => ({
      events: (query) => fleet.events(query),
      logs: (bot, query) => fleet.logs(bot, query),
      bots: () => [{ name: 'mod', desired: 'running', state: 'running' }],
      close: () => {
        closed += 1;
      },
    });
    return { wiring: { remains }, closed: () => closed };
  }
  const warning = '! No supervisor runs; this is what it left behind.\n';

  it('says where it looked and what to do, and is 5', async () => {
    assert.deepEqual(await droas(['ps']), {
      code: 5,
      out: '',
      err: '✖ No supervisor answers on /nonexistent/droas.sock (ENOENT).\n    → Start it with: droas up -d — or name its socket with --host or its directory with --state.\n',
    });
    for (const argv of [
      ['status'],
      ['events'],
      ['logs'],
      ['start', '--all'],
      ['logs', '-f', 'mod'],
      ['events', '-f'],
      ['stop', 'mod'],
    ]) {
      const { code, out } = await droas([...argv, '--json']);
      assert.deepEqual({ code, out: argv[0] === 'stop' ? '' : out }, { code: 5, out: '' }, argv.join(' '));
    }
  });

  it('reads events and logs from what it left behind, and says so', async () => {
    const { wiring, closed } = left();
    const events = await droas(['events', '--since', '2026-01-31T12:30:00Z', '--bot', 'mod', '--type', 'bot.exited'], {
      wiring,
    });
    assert.deepEqual({ code: events.code, err: events.err }, { code: 0, err: warning });
    assert.match(events.out, /13:00:00 {2}mod/);
    assert.equal(JSON.parse((await droas(['events', '--json'], { wiring })).out).items.length, 2);
    for (const argv of [['logs'], ['logs', 'mod', '--since', '2026-01-31T12:00:00Z']]) {
      const logs = await droas(argv, { wiring });
      assert.deepEqual(logs, { code: 0, out: '12:04:10 last words\n', err: warning });
    }
    assert.equal(closed(), 4);
  });

  it('shows the last known state, and is 5 nevertheless', async () => {
    const { wiring, closed } = left();
    const { code, out, err } = await droas(['status'], { wiring });
    assert.equal(code, 5);
    assert.equal(out, 'NAME  WANTED   LAST STATE\nmod   running  running\n');
    assert.match(err, /this is what it knew last/);
    const json = await droas(['status', 'mod', '--json'], { wiring });
    assert.deepEqual(JSON.parse(json.out).items, [{ name: 'mod', desired: 'running', state: 'running' }]);
    assert.match(JSON.parse(json.err).warning, /this is what it knew last/);
    assert.equal(closed(), 2);
  });

  it('does not look beside a socket that was named', async () => {
    const { wiring } = left();
    assert.equal((await droas(['events', '--host', 'unix:///nonexistent/x.sock'], { wiring })).code, 5);
  });
});

describe('the global options', () => {
  it('work before and after the command', async (t) => {
    const { socketPath } = await serveFleet(t, new FakeFleet(botNamed('mod')));
    const host = ['--host', `unix://${socketPath}`];
    for (const argv of [
      [...host, '--json', 'ps'],
      ['ps', '--json', ...host],
      ['--json', 'ps', ...host],
    ]) {
      assert.equal(JSON.parse((await droas(argv)).out).items.length, 1);
    }
  });

  it('refuse a host of another kind', async () => {
    for (const host of ['tcp://localhost', '/path', 'unix://relative']) {
      assert.equal((await droas(['ps', '--host', host])).code, 2, host);
    }
  });

  it('paint, or do not', async (t) => {
    const { socketPath } = await serveFleet(t, new FakeFleet(botNamed('mod')));
    const isPainted = async (argv: string[], env: NodeJS.ProcessEnv) =>
      (await droas(argv, { socketPath, tty: true, env })).out.includes('\u001b[');
    assert.equal(await isPainted(['ps'], {}), true);
    assert.equal(await isPainted(['ps', '--no-color'], {}), false);
    assert.equal(await isPainted(['--no-color', 'ps'], {}), false);
    assert.equal(await isPainted(['ps'], { NO_COLOR: '1' }), false);
  });
});

describe('a wrong command line', () => {
  it('is 2, with the word that was meant', async () => {
    const { code, err } = await droas(['restrat', 'mod']);
    assert.equal(code, 2);
    assert.match(err, /unknown command 'restrat'\n\(Did you mean restart\?\)/);
    assert.match((await droas(['ps', '--heath', 'x'])).err, /Did you mean --health/);
  });

  it('names the shells that completion is made for', async () => {
    const { code, err } = await droas(['completion', 'tcsh']);
    assert.equal(code, 2);
    assert.match(err, /bash, zsh, fish, powershell/);
  });

  it('is a problem document with --json, before anything was asked', async () => {
    for (const argv of [['--json', 'restrat'], ['status', '--json', 'a', 'b'], ['--json']]) {
      const { code, out, err } = await droas(argv);
      assert.deepEqual({ code, out }, { code: 2, out: '' });
      assert.equal(JSON.parse(err).code, 'USAGE');
    }
  });

  it('shows help when nothing is asked, on stderr; on request on stdout', async () => {
    const nothing = await droas([]);
    assert.equal(nothing.code, 2);
    assert.match(nothing.err, /^Usage: droas/);
    for (const argv of [['--help'], ['help'], ['ps', '-h'], ['help', 'ps']]) {
      const { code, out } = await droas(argv);
      assert.equal(code, 0);
      assert.match(out, /^Usage: droas/);
    }
    assert.match((await droas(['--help'])).out, /Exit codes: 0 done/);
    assert.doesNotMatch((await droas(['--help'])).out, /daemon\b.*service manager/, 'daemon is for programs');
  });
});

describe('what the supervisor may answer', () => {
  async function answering(t: TestContext, status: number, body: string): Promise<string> {
    const socketPath = join(scratchDirectory(t), 'droas.sock');
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    t.after(() => server.close());
    return socketPath;
  }

  it('may be no problem document: then the status is said', async (t) => {
    const socketPath = await answering(t, 502, '<html>');
    const { code, err } = await droas(['ps'], { socketPath });
    assert.equal(code, 1);
    assert.match(err, /answered with status 502/);
  });

  it('may be cut off: then nobody is there any more', async (t) => {
    const socketPath = join(scratchDirectory(t), 'droas.sock');
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    t.after(() => server.close());
    assert.equal((await droas(['ps'], { socketPath })).code, 5);
  });

  it('may be no JSON: that is a bug, in its own words', async (t) => {
    const socketPath = await answering(t, 200, 'hello');
    const { code, err } = await droas(['ps'], { socketPath });
    assert.equal(code, 1);
    assert.match(err, /Unexpected error: .*JSON/);
  });
});

describe('droas version, demo, emulator', () => {
  it('tells the version of program and Node', async () => {
    assert.equal((await droas(['version'])).out, `droas 0.1.0 (node ${process.versions.node})\n`);
    assert.deepEqual(JSON.parse((await droas(['version', '--json'])).out), {
      apiVersion: 'v1',
      version: '0.1.0',
      node: process.versions.node,
    });
    assert.equal((await droas(['-V'])).out, '0.1.0\n');
  });

  it('hands the demo its options and takes its exit code', async () => {
    const asked: unknown[] = [];
    const wiring = {
      runDemo: async (options: unknown) => {
        asked.push(options);
        return 1;
      },
    };
    assert.equal((await droas(['demo'], { wiring })).code, 1);
    assert.equal((await droas(['demo', '--check', '--json'], { wiring })).code, 1);
    assert.deepEqual(asked, [
      { check: false, json: false },
      { check: true, json: true },
    ]);
  });

  it('runs the emulator until it is told to end', async () => {
    const signal = deliverToNew();
    let closed = false;
    const wiring = {
      startEmulator: async ({ port }: { port: number }) => ({
        url: `http://127.0.0.1:${port}/api`,
        gatewayUrl: 'ws://127.0.0.1/gateway',
        llmUrl: 'http://127.0.0.1/v1',
        pageUrl: 'http://127.0.0.1/',
        seed: 42,
        applications: [{ name: 'bot', token: 'not-real', channelIds: ['1', '2'] }],
        warnings: ['nobody is called greeter yet'],
        close: async () => {
          closed = true;
        },
      }),
    };
    const started = Promise.withResolvers<void>();
    const running = droas(['emulator', '--port', '7430'], {
      wiring,
      onOut: (text) => text.includes('token') && started.resolve(),
    });
    await started.promise;
    signal('SIGINT');
    const { code, out, err } = await running;
    assert.equal(code, 130);
    assert.equal(closed, true);
    assert.match(err, /nobody is called greeter yet/);
    assert.match(out, /http:\/\/127\.0\.0\.1:7430\/api\n/);
    assert.match(out, /not-real/);
    assert.equal((await droas(['emulator', '--port', '70000'])).code, 2);
  });
});

describe('permissions', () => {
  it('are 9 when the socket is not ours', () => {
    for (const code of ['EACCES', 'EPERM']) {
      const error = unreachable('/srv/state/droas.sock', Object.assign(new Error(code), { code }));
      assert.equal(errorEntry(error.code).exit, 9);
      assert.match(error.remedy ?? '', /as the user that runs the supervisor/);
    }
  });

  it('are 9 when the socket cannot be trusted', async () => {
    const wiring = {
      trustSocket: () => {
        throw new DroasError('NOT_ALLOWED', 'somebody else made it');
      },
    };
    assert.equal((await droas(['ps'], { wiring })).code, 9);
  });
});
