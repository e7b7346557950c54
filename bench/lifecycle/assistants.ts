import { type Application, createEmulator, type Emulator } from '../../src/emulator/index.ts';
import { Fleet } from '../support/fleet.ts';
import type { Ground } from '../support/ground.ts';

export type AssistantBot = { readonly name: string; readonly application: Application };
export type Assistants = { readonly emulator: Emulator; readonly fleet: Fleet; readonly bots: readonly AssistantBot[] };

const count = 10;
const readyWithinMs = 90_000;

/** Ten built-in bots, connected (direct mode) to an emulated Discord in this process. Every interval and policy is as shipped. */
export async function startAssistants(ground: Ground): Promise<Assistants> {
  const emulator = await createEmulator();
  ground.defer(() => emulator.close());
  const bots = Array.from({ length: count }, (_, n) => {
    const name = `assistant-${n}`;
    return { name, application: emulator.createApplication({ name }) };
  });
  const variable = (n: number) => `TOKEN_${n}`;
  const document = {
    defaults: { discordApi: emulator.url, llm: { baseUrl: emulator.llmUrl, model: 'emulated' } },
    bots: Object.fromEntries(bots.map(({ name }, n) => [name, { builtin: 'assistant', token: `\${${variable(n)}}` }])),
  };
  const tokens = Object.fromEntries(bots.map(({ application }, n) => [variable(n), application.token]));
  const fleet = await Fleet.start(ground, 'assistants', document, tokens);
  for (const { name, application } of bots) {
    await emulator.ledger.waitFor({ type: 'ready', applicationId: application.id }, { timeoutMs: readyWithinMs });
    await fleet.feed.when(name, 'bot.ready', 1);
  }
  return { emulator, fleet, bots };
}

const answersWithinMs = 30_000;

/** A person asks the bot, and its reply to that very message is there. */
export function ask(emulator: Emulator, { application }: AssistantBot, content: string): Promise<void> {
  const [channelId = ''] = application.channelIds;
  const question = emulator.say({ channelId, content, mention: application.id });
  return new Promise((resolve, reject) => {
    const stop = emulator.ledger.onEntry(({ type, applicationId, replyTo }) => {
      if (type !== 'message' || applicationId !== application.id || replyTo !== question.id) return;
      clearTimeout(timer);
      stop();
      resolve();
    });
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`${application.name} did not answer within ${answersWithinMs / 1e3} s`));
    }, answersWithinMs);
  });
}
