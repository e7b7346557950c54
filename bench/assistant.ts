import { setTimeout as pause } from 'node:timers/promises';
import { createEmulator } from '../src/emulator/index.ts';
import { ask } from './lifecycle/assistants.ts';
import { Fleet } from './support/fleet.ts';
import type { Ground } from './support/ground.ts';
import { latestRun, memoryOf } from './support/processes.ts';
import type { Findings, Report } from './support/section.ts';

const name = 'assistant';
const readyWithinMs = 30_000;
const quietMs = 3_000;

/** What the built-in bot holds, alone and as it ships, when it is ready and after many answers in a row. */
export async function assistant(report: Report, ground: Ground, isShort: boolean): Promise<void> {
  await report.part('a built-in bot that answers', () => answers(ground, isShort ? 40 : 200));
}

async function answers(ground: Ground, count: number): Promise<Findings> {
  // Its answers are not to wait for Discord.
  const emulator = await createEmulator({ messageCalls: 1_000 });
  ground.defer(() => emulator.close());
  const application = emulator.createApplication({ name });
  const llm = { baseUrl: emulator.llmUrl, model: 'emulated' };
  const document = {
    bots: { [name]: { builtin: 'assistant', token: `$${'{TOKEN}'}`, discordApi: emulator.url, llm } },
  };
  await using fleet = await Fleet.start(ground, name, document, { TOKEN: application.token });
  await emulator.ledger.waitFor({ type: 'ready', applicationId: application.id }, { timeoutMs: readyWithinMs });
  await pause(quietMs);
  const { pid } = latestRun(fleet.stateDirectory, name) ?? { pid: 0 };
  const ready = memoryOf(pid);
  const times: number[] = [];
  for (let n = 1; n <= count; n++) {
    const startedMs = performance.now();
    await ask(emulator, { name, application }, `How are you, for the ${n}. time?`);
    times.push(performance.now() - startedMs);
  }
  const busy = memoryOf(pid);
  return {
    rows: [
      { what: 'built-in bot, ready: RSS', unit: 'MB', samples: [ready.rss] },
      {
        what: `built-in bot after ${count} answers: RSS`,
        unit: 'MB',
        samples: [busy.rss],
        target: { statistic: 'max', relation: '≤', limit: 90 },
      },
      { what: `built-in bot after ${count} answers: PSS`, unit: 'MB', samples: [busy.pss] },
      { what: 'question → the first words of its answer', unit: 'ms', samples: times },
    ],
    notes: ['the model is emulated: it answers within some 100 ms'],
  };
}
