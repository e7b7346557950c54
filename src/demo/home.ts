import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Application, Emulator } from '../emulator/index.ts';
import { type Absent, findGuests, type Guest } from './guests.ts';

/** The characters of the story: what happens to each, nobody told the bot. */
export const characters = {
  echo: 'is fine, and stays so',
  moody: 'crashes: its process is killed, again and again',
  sleepy: 'freezes: its process is stopped and answers nothing',
} as const;
export type Character = keyof typeof characters;
export const names = Object.keys(characters) as readonly Character[];

export type DemoBot = {
  readonly name: string;
  readonly application: Application;
  readonly channelId: string;
  /** The ordinary bot that it is; null for an assistant. */
  readonly guest: Guest | null;
};

/** A directory that holds all that the demo makes, and goes with it. */
export type Home = {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly configPath: string;
  /** Tokens, under the names that the configuration asks for. */
  readonly environment: Readonly<Record<string, string>>;
  readonly bots: readonly DemoBot[];
  remove(): void;
};

/** That of the demo, which says who could not come. */
export type DemoHome = Home & { readonly absent: readonly Absent[] };

/** Intervals are short, so that a story that takes minutes with the defaults can be watched; everything else is as shipped. */
const fleet = (emulator: Emulator) => ({
  version: 1,
  defaults: {
    discordApi: emulator.url,
    llm: { baseUrl: emulator.llmUrl, model: 'emulated', key: 'not-needed-here' },
    health: { heartbeat: '1s', sweep: '5s', reconnect: '20s' },
    stop: { grace: '10s', hungGrace: '2s' },
    restart: { maxDelay: '20s', trialMaxDelay: '40s', stableAfter: '30s' },
  },
});

export function makeHome(emulator: Emulator): DemoHome {
  const directory = mkdtempSync(join(tmpdir(), 'droas-demo-'));
  const configPath = join(directory, 'droas.yaml');
  mkdirSync(join(directory, 'bots.d'), { mode: 0o700 });
  writeFileSync(configPath, stringify(fleet(emulator)), { mode: 0o600 });
  const environment: Record<string, string> = {};
  const add = (name: string, guest: Guest | null, document: object): DemoBot => {
    const application = emulator.createApplication({ name });
    const variable = `${name.toUpperCase()}_TOKEN`;
    environment[variable] = application.token;
    const text = stringify({ ...document, token: `\${${variable}}` });
    writeFileSync(join(directory, 'bots.d', `${name}.yaml`), text, { mode: 0o600 });
    const [channelId = ''] = application.channelIds;
    return { name, application, channelId, guest };
  };
  const { present, absent } = findGuests();
  const assistants = names.map((name) => add(name, null, { builtin: 'assistant', systemPrompt: `You are ${name}.` }));
  const guests = present.map((guest) => {
    const cwd = join(directory, guest.name);
    guest.install(cwd);
    return add(guest.name, guest, { command: guest.program, cwd, ready: 'sdk', env: guest.env });
  });
  return {
    directory,
    stateDirectory: join(directory, 'state'),
    configPath,
    environment,
    bots: [...assistants, ...guests],
    absent,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
