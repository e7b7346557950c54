import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Droas, type StopIntent } from '../bot/index.ts';
import { type Assistant, createAssistant } from './assistant.ts';
import { errorFacts, log } from './log.ts';
import { readSettings } from './settings.ts';

/** Without a supervisor that says how long we have. */
const usualGraceMs = 30_000;
/** Before the end of the grace period we must be gone by ourselves. */
const marginMs = 2_000;
/** The announcement of a stop travels beside SIGTERM and may arrive after it. */
const announcementMs = 50;

const droas = connect({ counters: () => assistant?.counters() ?? {} });
let ending = false;

// Nobody reads what it says, or the disk is full: no reason to end, and least of all to say so.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

const assistant: Assistant | null = build(droas);
if (assistant) {
  let stop: { intent: StopIntent; graceMs: number } | null = null;
  let stopping = false;
  const leave = async () => {
    if (stopping) return;
    stopping = true;
    if (droas.supervised && !stop) await sleep(announcementMs);
    await assistant.stop(() => stop?.intent ?? 'offline', Math.max(0, (stop?.graceMs ?? usualGraceMs) - marginMs));
    await end(0);
  };
  droas.onStop((intent, graceMs) => {
    stop = { intent, graceMs };
    void leave();
  });
  process.on('SIGTERM', () => void leave());
  process.on('SIGINT', () => void leave());
  assistant.start().catch((error: Error) => {
    if (!stopping) fail(error.message);
  });
}

function build(droas: Droas): Assistant | null {
  try {
    return createAssistant(readSettings(droas), droas, fail);
  } catch (error) {
    fail((error as Error).message);
    return null;
  }
}

/** One clear line, and the supervisor has heard everything before. */
function fail(sentence: string): void {
  if (ending) return;
  process.stderr.write(`ERROR ${sentence}\n`);
  void end(1);
}

/** Our own mistake. The place is told, the message is not: it may quote what people wrote. */
function crash(error: unknown): void {
  if (ending) return;
  log('ERROR', 'crashed', errorFacts(error));
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
  process.stderr.write(`${frames.join('\n')}\n`);
  void end(1);
}

async function end(code: number): Promise<void> {
  ending = true;
  await droas.close();
  process.exit(code);
}
