import assert from 'node:assert/strict';
import type { Application, Emulator, EmulatorOptions } from '../../../src/emulator/index.ts';
import { createEmulator } from '../../../src/emulator/index.ts';
import { channelOf } from '../../emulator/call.ts';
import { Bot, type BotOptions } from './bot.ts';
import type { Library } from './libraries.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

export type Fault = (emulator: Emulator, applicationId: string) => unknown;
export type Exercise = BotOptions & { readonly limits?: EmulatorOptions };

/**
 * A bot serves, something happens to it while people go on writing, and it is watched until it serves again or never
 * will. People write numbered messages and the bot answers with the number, so that what was lost and what was done
 * twice is counted by its effect. Says it in a line, such as `identifies, 2 lost`.
 */
export async function exercise(library: Library, fault: Fault, options: Exercise = {}): Promise<string> {
  const { limits, ...wishes } = options;
  await using emulator = await createEmulator({ identifyWindowMs: 1, messageCalls: 1_000, ...limits });
  const application = emulator.createApplication();
  await using bot = new Bot(library, emulator, application, wishes);
  await bot.serves();
  write(emulator, application, 1);
  await settled(emulator, application, 0);

  const after = emulator.ledger.lastSeq;
  fault(emulator, application.id);
  for (const number of [2, 3]) write(emulator, application, number);
  const outcome = await outcomeOf(bot, emulator, application, after);
  if (outcome !== 'resumes' && outcome !== 'identifies') return outcome;
  write(emulator, application, 4);
  await settled(emulator, application, outcome === 'resumes' ? 0 : 2);
  return `${outcome}${await judge(emulator, application, bot, outcome)}`;
}

/** At once, unlike `Emulator.count`. */
function write({ world, people }: Emulator, application: Application, number: number): void {
  const channel = world.channel(channelOf(application));
  world.post(channel, {
    author: people.join(channel),
    content: `<@${application.id}> #${number}`,
    mentions: [application.bot],
    counted: { applicationId: application.id, number },
  });
}

/** Until all but so many are answered, which may be in any order; at the latest after 15 s, when the rest counts as lost. */
async function settled({ ledger }: Emulator, { id }: Application, lost: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => ledger.effects(id).never <= lost && resolve();
  const stop = ledger.onEntry(({ type }) => type === 'message' && look());
  const late = setTimeout(resolve, 15_000);
  look();
  await promise;
  clearTimeout(late);
  stop();
}

async function judge(emulator: Emulator, application: Application, bot: Bot, outcome: Outcome): Promise<string> {
  const { never: lost, twice } = emulator.ledger.effects(application.id);
  if (outcome === 'resumes' && lost === 0 && twice === 0) {
    const heard = await bot.all('message', 4);
    assert.deepEqual(
      heard.map(({ content }) => content),
      [1, 2, 3, 4].map((number) => `<@${application.id}> #${number}`),
      'in order',
    );
    assert.equal(emulator.ledger.count('identify', application.id), 1);
    assertSequences(emulator, application);
  }
  assert.equal(emulator.ledger.owners(application.id).max, 1, 'never two owners');
  return `${lost > 0 ? `, ${lost} lost` : ''}${twice > 0 ? `, ${twice} twice` : ''}`;
}

/** What the client got goes on exactly after the sequence that each RESUME names: no gap, no repetition. */
function assertSequences(emulator: Emulator, { id }: Application): void {
  let last = 0;
  for (const { type, sequence = 0, delivery } of emulator.ledger.entries({
    type: ['resume', 'ready', 'resumed', 'dispatch', 'replay'],
    applicationId: id,
  })) {
    if (type === 'resume') {
      assert.ok(sequence <= last, `RESUME from ${sequence}, of which only ${last} was sent`);
      last = sequence;
    } else if (type !== 'dispatch' || delivery === 'sent') assert.equal(sequence, ++last, `${type} out of order`);
  }
}
