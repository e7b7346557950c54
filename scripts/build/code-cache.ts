import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AssistantSettings } from '../../src/protocol/assistant.ts';
import { assistantV8Flags } from '../../src/runtime/assistant-command.ts';

type EmulatorModule = typeof import('../../src/emulator/index.ts');

const limitMs = 15_000;

/**
 * Lets the freshly built bot answer one question on the freshly built emulator, and keeps what V8 compiled for that: the
 * code that every bot needs, lazily compiled functions included. Before, everything beyond ASCII in it is escaped: V8 then
 * keeps the source in one byte per character, for as long as the bot lives.
 */
export async function makeCodeCache(directory: string): Promise<void> {
  escapeBeyondAscii(join(directory, 'assistant.cjs'));
  const { createEmulator }: EmulatorModule = await import(pathToFileURL(join(directory, 'emulator.js')).href);
  await using emulator = await createEmulator();
  const { id, token, channelIds } = emulator.createApplication();
  const settings: AssistantSettings = {
    llm: {
      baseUrl: emulator.llmUrl,
      model: 'emulated',
      maxTokens: 100,
      temperature: 1,
      timeoutMs: limitMs,
      budget: { user: null, guild: null, requestsPerDay: null, tokensPerDay: null },
    },
    spent: null,
    systemPrompt: 'Answer.',
    prompts: {},
    guilds: null,
    directMessages: true,
    conversationMessages: 2,
    conversationTokens: 1_000,
    conversationChannels: 10,
    discordApi: emulator.url,
  };
  const ready = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  emulator.ledger.onEntry(({ type, applicationId }) => {
    if (applicationId === id && type === 'ready') ready.resolve();
    if (applicationId === id && type === 'message') answered.resolve();
  });
  const bot = fork(join(import.meta.dirname, 'code-cache-writer.cjs'), [directory], {
    env: { DISCORD_TOKEN: token, DROAS_ASSISTANT: JSON.stringify(settings) },
    execArgv: [...assistantV8Flags],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: limitMs,
  });
  const ended = once(bot, 'exit');
  const tooEarly = ended.then(() => {
    throw new Error('the built-in bot ended before it had answered on the emulator: no code cache was made');
  });
  tooEarly.catch(() => {});
  await Promise.race([ready.promise, tooEarly]);
  emulator.say({ channelId: channelIds[0] ?? '', content: 'Hello', mention: id });
  await Promise.race([answered.promise, tooEarly]);
  bot.send('write');
  const [code] = await ended;
  if (code !== 0) throw new Error(`the code cache could not be written: exit ${code}`);
}

function escapeBeyondAscii(file: string): void {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/[^\0-\x7f]/g, escaped));
}
