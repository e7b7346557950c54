import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createEmulator, type Emulator } from '../emulator/index.ts';
import { type DemoBot, type DemoHome, makeHome } from './home.ts';
import { SupervisorProcess } from './supervisor-process.ts';

export type Finding = { readonly claim: string; readonly measured: string; readonly ok: boolean };
export type Report = { readonly findings: readonly Finding[]; readonly seconds: number };

const budgetMs = 90_000;
const heartbeatIntervalMs = 5_000;
const supervisorMegabytes = 100;

/**
 * The story of the demo without a spectator, and whether it is true. Claims about Discord come from the emulator's
 * ledger, claims about what happened from the journal, claims about processes from /proc; nothing is believed because
 * the supervisor says so.
 */
export async function check(tell: (finding: Finding) => void): Promise<Report> {
  const startedMs = performance.now();
  const findings: Finding[] = [];
  const claim = (text: string, ok: boolean, measured: string): void => {
    const finding = { claim: text, measured, ok };
    findings.push(finding);
    tell(finding);
  };
  const emulator = await createEmulator({ heartbeatIntervalMs });
  const home = makeHome(emulator);
  const story = new Story(emulator, home, claim);
  try {
    await story.tell();
  } catch (error) {
    claim('the story runs to its end', false, (error as Error).message);
  } finally {
    await story.end();
    await emulator.close();
    home.remove();
    const left = processesOf(home.directory);
    claim('no process is left behind', left.length === 0, left.length === 0 ? '0' : left.join(', '));
  }
  const seconds = (performance.now() - startedMs) / 1000;
  claim('all of it within 90 s', seconds * 1000 < budgetMs, `${seconds.toFixed(1)} s`);
  return { findings, seconds };
}

class Story {
  readonly #emulator: Emulator;
  readonly #home: DemoHome;
  readonly #claim: (text: string, ok: boolean, measured: string) => void;
  #supervisor: SupervisorProcess | null = null;

  constructor(emulator: Emulator, home: DemoHome, claim: (text: string, ok: boolean, measured: string) => void) {
    this.#emulator = emulator;
    this.#home = home;
    this.#claim = claim;
  }

  async tell(): Promise<void> {
    this.#supervisor = await SupervisorProcess.start(this.#home);
    for (const { name, library, why } of this.#home.absent) this.#claim(`${name} (${library}) is left out`, true, why);
    await this.#timed(`${this.#home.bots.length} bots are READY on Discord`, async () => {
      for (const bot of this.#home.bots) await this.#readyTimes(bot, 1);
    });
    for (const bot of this.#home.bots) await this.#answers(bot);
    await this.#recovers('moody', 'SIGKILL', 'a killed bot is READY again');
    await this.#recovers('sleepy', 'SIGSTOP', 'a frozen bot is found out and READY again');
    await this.#resumes('echo');
    for (const bot of this.#guests) await this.#guestRecovers(bot);
    await this.#supervisorDies();
    for (const bot of this.#home.bots) await this.#answers(bot);
    await this.#memory();
    await this.#guestIsRefused();
    await this.#neverTwo();
    await this.#journal();
    const code = await this.#running().drain();
    this.#claim('the supervisor drains and exits 0', code === 0, `exit ${code}`);
    const owners = this.#home.bots.map((bot) => this.#emulator.ledger.owners(bot.application.id).now);
    this.#claim(
      'nobody is connected any more',
      owners.every((now) => now === 0),
      owners.join(', '),
    );
  }

  async end(): Promise<void> {
    await this.#supervisor?.drain();
  }

  #running(): SupervisorProcess {
    if (this.#supervisor === null) throw new Error('there is no supervisor');
    return this.#supervisor;
  }

  get #guests(): readonly DemoBot[] {
    return this.#home.bots.filter(({ guest }) => guest !== null);
  }

  #bot(name: string): DemoBot {
    const bot = this.#home.bots.find((candidate) => candidate.name === name);
    if (bot === undefined) throw new Error(`there is no ${name}`);
    return bot;
  }

  async #timed(text: string, act: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    await act();
    this.#claim(text, true, `${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }

  #readyTimes({ application }: DemoBot, count: number): Promise<unknown> {
    return this.#emulator.ledger.waitFor(
      { type: 'ready', applicationId: application.id },
      { count, timeoutMs: 40_000 },
    );
  }

  #answers(bot: DemoBot): Promise<void> {
    return bot.guest === null ? this.#answersMention(bot) : this.#answersCommand(bot, bot.guest.command);
  }

  /** A person asks, and the bot's reply to that very message arrives. */
  async #answersMention({ name, application, channelId }: DemoBot): Promise<void> {
    const question = this.#emulator.say({ channelId, content: 'are you there?', mention: application.id });
    const replied = () =>
      this.#emulator.ledger
        .entries({ type: 'message', applicationId: application.id })
        .some((entry) => entry.replyTo === question.id);
    const ok = await until(replied, 10_000);
    this.#claim(`${name} answers a mention`, ok, ok ? 'replied' : 'no reply within 10 s');
  }

  async #answersCommand({ name, application, channelId }: DemoBot, command: string): Promise<void> {
    await until(() => application.commands.some((known) => known.name === command), 10_000);
    const answers = () => this.#emulator.messages(channelId).filter(({ author }) => author.id === application.id);
    const before = answers().length;
    this.#emulator.interact({ applicationId: application.id, channelId, command });
    const ok = await until(() => answers().length > before, 10_000);
    const said =
      answers()
        .at(-1)
        ?.content.replace(/<@\d+> /, '') ?? '';
    this.#claim(`${name} answers /${command}`, ok, ok ? said : 'no answer within 10 s');
  }

  async #guestRecovers({ name, guest }: DemoBot): Promise<void> {
    await this.#recovers(name, 'SIGKILL', `a killed bot on ${guest?.library} is READY again`);
  }

  async #recovers(name: string, signal: string, text: string): Promise<void> {
    const bot = this.#bot(name);
    const before = await this.#running().bot(name);
    const readyBefore = this.#emulator.ledger.count('ready', bot.application.id);
    const startedMs = performance.now();
    await this.#running().client.ask('POST', `/api/v1/bots/${name}/kill`, { signal });
    await this.#readyTimes(bot, readyBefore + 1);
    const seconds = (performance.now() - startedMs) / 1000;
    await until(async () => (await this.#running().bot(name)).state === 'running', 5_000);
    const after = await this.#running().bot(name);
    const replaced = after.pid !== before.pid && after.incarnation === before.incarnation + 1;
    this.#claim(
      text,
      replaced && seconds < 30,
      `${seconds.toFixed(1)} s, incarnation ${before.incarnation} → ${after.incarnation}`,
    );
  }

  /** A lost connection is the library's business: it RESUMEs, the process stays. */
  async #resumes(name: string): Promise<void> {
    const { application } = this.#bot(name);
    const { ledger, faults } = this.#emulator;
    const before = await this.#running().bot(name);
    const identifies = ledger.count('identify', application.id);
    const resumed = ledger.count('resumed', application.id);
    faults.drop(application.id);
    await ledger.waitFor({ type: 'resumed', applicationId: application.id }, { count: resumed + 1 });
    const after = await this.#running().bot(name);
    const spent = ledger.count('identify', application.id) - identifies;
    this.#claim(
      'a dropped connection is resumed, the bot is left alone',
      spent === 0 && after.pid === before.pid,
      `${spent} IDENTIFYs, same process`,
    );
  }

  async #supervisorDies(): Promise<void> {
    const before = await this.#running().bots();
    const identifies = this.#identifies();
    await this.#running().kill();
    const startedMs = performance.now();
    this.#supervisor = await SupervisorProcess.start(this.#home);
    const tookMs = performance.now() - startedMs;
    const after = await this.#running().bots();
    const same = before.every((bot, n) => bot.pid === after[n]?.pid && bot.incarnation === after[n]?.incarnation);
    const { adopted } = await this.#running().info();
    this.#claim(
      `kill -9 of the supervisor: the next one adopts all ${before.length}`,
      adopted === before.length && same,
      `${adopted} adopted, same processes, ${Math.round(tookMs)} ms`,
    );
    const spent = this.#identifies() - identifies;
    this.#claim('… and Discord saw nothing of it', spent === 0, `${spent} IDENTIFYs`);
  }

  #identifies(): number {
    const { ledger } = this.#emulator;
    return this.#home.bots.reduce((sum, { application }) => sum + ledger.count('identify', application.id), 0);
  }

  /** As the system counts it; pages that processes share are counted in each. */
  async #memory(): Promise<void> {
    const megabytes = (pid: number) => Math.round(residentBytes(pid) / 1e6);
    const bots = await this.#running().bots();
    const supervisor = megabytes(this.#running().pid);
    this.#claim(
      `memory of the supervisor (RSS, at most ${supervisorMegabytes} MB)`,
      supervisor > 0 && supervisor <= supervisorMegabytes,
      `${supervisor} MB`,
    );
    this.#claim(
      'memory of the bots (RSS)',
      bots.every(({ pid }) => pid !== null),
      bots.map(({ name, pid }) => `${name} ${megabytes(pid ?? 0)}`).join(', '),
    );
  }

  /** What its library keeps to itself: Discord will never have it again, whatever it tries. */
  async #guestIsRefused(): Promise<void> {
    const [bot] = this.#guests;
    if (bot === undefined) return;
    const { name, application } = bot;
    this.#emulator.faults.close(application.id, 4014);
    const isFailed = await until(async () => (await this.#running().bot(name)).state === 'failed', 10_000);
    const { state, remedy } = await this.#running().bot(name);
    this.#claim(
      `${name} is refused by Discord for good: not restarted, and told why`,
      isFailed && remedy?.includes('Privileged Gateway Intents') === true,
      state,
    );
  }

  async #neverTwo(): Promise<void> {
    const most = this.#home.bots.map((bot) => this.#emulator.ledger.owners(bot.application.id).max);
    this.#claim(
      'connected owners per token, at most, at every moment',
      most.every((max) => max === 1),
      most.join(', '),
    );
    const starts = this.#home.bots.length + 2 + this.#guests.length;
    this.#claim(
      'IDENTIFYs spent: one a start, no more',
      this.#identifies() === starts,
      `${this.#identifies()} for ${starts} starts`,
    );
  }

  async #journal(): Promise<void> {
    const restarts = await this.#running().events('&type=bot.restart-scheduled');
    const told = restarts
      .map((event) => `${event.bot}: ${(event.detail['verdict'] as { cause: string }).cause}`)
      .sort();
    const expected = ['moody: crash', 'sleepy: hung', ...this.#guests.map(({ name }) => `${name}: crash`)].sort();
    this.#claim('the journal names all restarts and their causes', told.join() === expected.join(), told.join(', '));
  }
}

async function until(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs;
  while (performance.now() < deadlineMs) {
    if (await holds()) return true;
    await pause(25);
  }
  return holds();
}

/** Processes that were started from, or still refer to, this directory: ours alone are readable, and ours alone matter. */
function processesOf(directory: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`);
  return pids.filter(
    (pid) => reads(`/proc/${pid}/cmdline`).includes(directory) || reads(`/proc/${pid}/environ`).includes(directory),
  );
}

const residentBytes = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(reads(`/proc/${pid}/status`))?.[1] ?? 0);

function reads(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
