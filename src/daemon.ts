import { join } from 'node:path';
import { pino } from 'pino';
import { createProber } from './adapters/probe/index.ts';
import { createProcessStats } from './adapters/proc-stats/index.ts';
import { createSecretFiles, createSpawner, createWishFile, keepCopy } from './adapters/process/index.ts';
import { createChannels } from './adapters/socket/index.ts';
import { openJournal } from './adapters/sqlite/journal.ts';
import { lockState } from './adapters/sqlite/state-lock.ts';
import { bootId } from './adapters/system/boot-id.ts';
import { createClock } from './adapters/system/clock.ts';
import { currentUser, socketPath } from './adapters/system/paths.ts';
import { createRandom } from './adapters/system/random.ts';
import { createConfigStore } from './adapters/yaml/index.ts';
import { createApi } from './api/server.ts';
import type { Clock } from './ports/clock.ts';
import type { Journal } from './ports/journal.ts';
import { adoptAll } from './runtime/adopt.ts';
import { assistantCommand, assistantFiles } from './runtime/assistant-command.ts';
import type { Fleet } from './runtime/fleet.ts';
import { IdentifyLedger } from './runtime/identify-ledger.ts';
import { createLogSpool } from './runtime/log-spool.ts';
import { Operations } from './runtime/operations.ts';
import { OutageWatch } from './runtime/outage-watch.ts';
import { Problems } from './runtime/problems.ts';
import { Recorder } from './runtime/recorder.ts';
import { follow } from './runtime/reload.ts';
import { Roster } from './runtime/roster.ts';
import { Sampler } from './runtime/sampler.ts';
import { drain, forceDrain } from './runtime/shutdown.ts';
import { Supervisor } from './runtime/supervisor.ts';
import { storedChildren } from './runtime/time-anchor.ts';
import { distDirectory, version } from './version.ts';

export type Daemon = {
  readonly socketPath: string;
  /** Resolves with the exit code when the supervisor has ended. */
  readonly done: Promise<number>;
  /** Drains: stops the bots, then ends. A second call grants no grace. */
  stop(reason: string): void;
  readonly fleet: Fleet;
};

const dayMs = 86_400_000;
const pruneEveryMs = 3_600_000;
const lastLinesMs = 5_000;

/**
 * Wires one supervisor: takes the state directory, adopts what lives, then listens, then starts what should run.
 * @throws DroasError ALREADY_RUNNING, STATE_UNWRITABLE, CONFIG_INVALID, CONFIG_NOT_FOUND; then no bot was touched.
 */
export async function startDaemon(options: {
  configPath: string;
  stateDirectory: string;
  foreground: boolean;
}): Promise<Daemon> {
  const { stateDirectory } = options;
  process.umask(0o077);
  const startedAt = new Date().toISOString();
  const clock = createClock();
  const log = quietLogger(options.foreground ? 'silent' : 'info');
  const problems = new Problems((sentence) => log('error', sentence));
  const problem = (subject: string, sentence: string | null): void =>
    sentence === null ? problems.solved(subject) : problems.report(subject, sentence);
  const config = createConfigStore({ configPath: options.configPath, env: process.env });

  const lock = lockState(stateDirectory);
  await using unwinding = new AsyncDisposableStack();
  unwinding.defer(() => lock.release());
  const { journal, recovered } = openJournal({ stateDirectory, clock, onProblem: problem });
  unwinding.defer(() => journal.close());
  const spawner = createSpawner({
    stateDirectory,
    clock,
    onOddity: (sentence) => problems.report(sentence, sentence),
  });
  unwinding.defer(() => spawner.close());
  const { survivors, untrusted } = await spawner.survey();
  const fleetSpec = config.load();
  const boot = bootId();
  const stored = storedChildren(journal, clock, boot);

  const logs = createLogSpool({ logsDirectory: join(stateDirectory, 'logs'), clock, onProblem: problem });
  unwinding.defer(() => logs.close());
  const operations = new Operations(clock);
  const recorder = new Recorder(journal, clock, operations, problems);
  unwinding.defer(() => recorder.close());
  const ledger = new IdentifyLedger(journal.identifies(clock.wallMs() - dayMs), clock.wallMs(), clock.monotonicMs());
  const secrets = createSecretFiles(stateDirectory);
  const wishes = createWishFile(stateDirectory);
  const base = inheritedEnvironment();
  const assistant = keepCopy(
    assistantFiles.map((file) => join(distDirectory, file)),
    join(stateDirectory, 'versions'),
    version,
  );
  const roster = new Roster({
    clock,
    random: createRandom(),
    recorder,
    ledger,
    wishes,
    outages: new OutageWatch(clock, recorder),
    problems,
    spawner,
    channels: createChannels({ directory: join(stateDirectory, 'sockets') }),
    secrets,
    logs,
    prober: createProber(base),
    surroundings: {
      base,
      assistantCommand: (secretsFile) =>
        assistantCommand({ node: process.execPath, distDirectory: assistant, secretsFile }),
    },
  });
  secrets.sweep(survivors.map(({ intent }) => ({ bot: intent.bot, incarnation: intent.incarnation })));
  const { adopted, lost, outdated } = await adoptAll(roster, {
    fleet: fleetSpec,
    stored,
    survivors,
    untrusted,
    wishes,
    clock,
    problems,
    logs,
  });

  const stats = createProcessStats();
  unwinding.defer(() => stats.close());
  const sampler = new Sampler(clock, stats, () => roster);
  unwinding.defer(() => sampler.close());
  roster.onChange((bot, after) => {
    if (after?.state.name === 'running' && sampler.usage(bot.name) === null) sampler.measure(bot);
  });
  unwinding.defer(keepPruning(journal, clock, problem));
  const ending = Promise.withResolvers<'drain'>();
  const identity = {
    version,
    node: process.version,
    pid: process.pid,
    startedAt,
    stateDirectory,
    adopted: adopted.length,
  };
  const fleet = new Supervisor(fleetSpec, {
    clock,
    journal,
    logs,
    config,
    roster,
    recorder,
    operations,
    ledger,
    sampler,
    problems,
    identity,
    onShutdown: () => ending.resolve('drain'),
  });
  const api = createApi({ fleet });
  const socket = socketPath(stateDirectory, currentUser());
  await api.listen(socket);
  unwinding.defer(() => api.close());

  closeInterrupted(journal, clock, problem);
  const fact = { bot: null, incarnation: null, severity: 'info' } as const;
  if (recovered !== null) {
    problems.report('database', recovered.reason);
    recorder.event({
      ...fact,
      severity: 'error',
      type: 'database.recovered',
      sentence: recovered.reason,
      detail: recovered,
    });
  }
  recorder.event({
    ...fact,
    type: 'supervisor.started',
    sentence: `supervisor ${version} started: ${adopted.length} adopted, ${lost.length} lost meanwhile`,
    detail: { adopted, lost, pid: process.pid },
  });
  follow(roster, fleetSpec, 'boot', outdated);

  const owned = unwinding.move();
  const end = async (): Promise<number> => {
    await ending.promise;
    recorder.event({
      ...fact,
      type: 'supervisor.draining',
      sentence: 'stopping every bot, then the supervisor',
      detail: {},
    });
    const left = await drain(roster);
    const names = left.map((bot) => bot.name);
    const sentence =
      left.length === 0 ? 'supervisor stopped' : `supervisor stopped; processes did not end: ${names.join(', ')}`;
    recorder.event({
      ...fact,
      severity: left.length === 0 ? 'info' : 'error',
      type: 'supervisor.stopped',
      sentence,
      detail: { left: names },
    });
    await lastLines(roster, clock);
    for (const bot of roster) bot.abandon();
    await owned.disposeAsync();
    return left.length === 0 ? 0 : 1;
  };
  let stops = 0;
  return {
    socketPath: socket,
    fleet,
    done: end(),
    stop: (reason) => {
      stops += 1;
      log('info', `asked to end: ${reason}`);
      if (stops > 1) forceDrain(roster);
      else fleet.shutdown();
    },
  };
}

type ProblemReport = (subject: string, sentence: string | null) => void;

/** Writes to standard error. What cannot be written (its file is full, its reader went away) is no reason to end. */
function quietLogger(level: 'silent' | 'info'): (level: 'info' | 'error', sentence: string) => void {
  const destination = pino.destination({ dest: 2, sync: true });
  destination.on('error', () => {});
  const logger = pino({ base: null, level }, destination);
  return (of, sentence) => {
    try {
      logger[of](sentence);
    } catch {
      // Nobody can be told.
    }
  };
}

/** What bots wrote last is kept before the supervisor ends; what takes too long is found by the next one. */
async function lastLines(roster: Roster, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(clock.monotonicMs() + lastLinesMs, resolve);
  await Promise.race([promise, Promise.allSettled([...roster].map((bot) => bot.released()))]);
  timer.cancel();
}

/** All that a bot inherits from the supervisor's own environment. */
function inheritedEnvironment(): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'LANG', 'TZ'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** Operations that a predecessor accepted and did not see the end of: reported, never silently dropped. */
function closeInterrupted(journal: Journal, clock: Clock, problem: ProblemReport): void {
  const operations = journal.openOperations().map((operation) => ({
    ...operation,
    finishedAtWallMs: clock.wallMs(),
    outcome: 'superseded' as const,
    sentence: 'the supervisor ended before this was finished; the wish itself was kept and is followed',
  }));
  try {
    if (operations.length > 0) journal.commit({ operations });
  } catch (error) {
    problem('journal', (error as Error).message);
  }
}

function keepPruning(journal: Journal, clock: Clock, problem: ProblemReport): () => void {
  let timer = clock.setTimer(clock.monotonicMs() + pruneEveryMs, prune);
  function prune(): void {
    let more = false;
    try {
      more = journal.prune();
      problem('retention', null);
    } catch (error) {
      problem('retention', `old events could not be removed: ${(error as Error).message}`);
    }
    timer = clock.setTimer(clock.monotonicMs() + (more ? 100 : pruneEveryMs), prune);
  }
  return () => timer.cancel();
}
