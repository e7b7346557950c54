import { Command, Option } from 'commander';
import { collect, count, duration, port, seed, since } from './arguments.ts';
import type { Context, GlobalOptions } from './context.ts';

export type Frame = {
  readonly help: (text: string) => void;
  /** Called before each command, with the global options given before or after its name. */
  readonly begin: (options: GlobalOptions) => void;
  /** Carries a command out; it returns the exit code. */
  readonly invoke: (action: (context: Context) => Promise<number>) => Promise<void>;
  /** What commander has to say about a command line that it does not understand. */
  readonly complain: (text: string) => void;
};

const states = ['stopped', 'starting', 'running', 'stopping', 'backoff', 'suspended', 'failed'];
const judgements = ['healthy', 'degraded', 'unhealthy', 'unknown'];

/**
 * The surface of the command line: every command, argument and option. What a command does lies in `commands/`, loaded
 * when it is called and not before.
 */
export function createProgram(version: string, { begin, invoke, help, complain }: Frame): Command {
  const program = new Command('droas')
    .description('A supervisor for fleets of Discord bots.')
    .exitOverride()
    .configureOutput({ writeOut: help, writeErr: complain })
    .enablePositionalOptions()
    .version(version, '-V, --version', 'the version of this program')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', footer)
    .hook('preAction', (_program, command) => begin(globalOptionsOf(command)));
  for (const option of globalOptions) program.addOption(option);

  program
    .command('up')
    .description('start the supervisor if needed, and the bots that should run')
    .option('-d, --detach', 'in the background')
    .option('--config <file>', 'the configuration (default: $DROAS_CONFIG, ./droas.yaml, …)')
    .option('--no-wait', 'with -d: do not wait for the bots')
    .addOption(waiting('how long to wait for the bots'))
    .action((options) => invoke(async (context) => (await import('./commands/up.ts')).up(context, options)));
  program
    .command('down')
    .description('stop all bots gracefully, then the supervisor')
    .addOption(waiting('how long to wait for the end'))
    .action((options) => invoke(async (context) => (await import('./commands/down.ts')).down(context, options)));
  program
    .command('daemon', { hidden: true })
    .description('be the supervisor: what `up` starts and a service manager runs')
    .option('--config <file>', 'the configuration')
    .action((options) => invoke(async (context) => (await import('./commands/daemon.ts')).daemon(context, options)));

  program
    .command('ps')
    .aliases(['ls', 'list'])
    .description('list the bots')
    .addOption(new Option('--state <state>', 'only those in this state (a state directory: before ps)').choices(states))
    .addOption(new Option('--health <health>', 'only those of this health').choices(judgements))
    .action((options) => invoke(async (context) => (await import('./commands/ps.ts')).ps(context, options)));
  program
    .command('status')
    .aliases(['describe', 'show'])
    .description('the fleet in short, or one bot at length')
    .argument('[bot]')
    .action((bot) => invoke(async (context) => (await import('./commands/status.ts')).status(context, bot)));
  program
    .command('health')
    .description('judge the health of all bots or one; exit code 3 when one that should serve does not')
    .argument('[bot]')
    .action((bot) => invoke(async (context) => (await import('./commands/health.ts')).health(context, bot)));

  const verbs = {
    start: 'start bots',
    stop: 'stop bots gracefully, and leave them stopped',
    restart: 'stop bots gracefully and start them again',
    reset: 'close the circuit and forget the restart history',
  } as const;
  for (const verb of ['start', 'stop', 'restart', 'reset'] as const) {
    program
      .command(verb)
      .description(verbs[verb])
      .argument('[bots...]', 'names, or globs such as music-*')
      .option('--all', 'all bots')
      .option('--no-wait', 'return as soon as it is accepted')
      .addOption(waiting('how long to wait for the outcome'))
      .action((bots, options) =>
        invoke(async (context) => (await import('./commands/operate.ts')).operate(context, verb, bots, options)),
      );
  }
  program
    .command('add')
    .description('add a bot: writes bots.d/NAME.yaml and starts it')
    .argument('<name>')
    .argument('[command...]', 'after --: the program and its arguments')
    .option('--token-env <variable>', 'the environment variable of the supervisor that holds the token')
    .addOption(new Option('--builtin <bot>', 'the built-in bot instead of a command').choices(['assistant']))
    .option('--env <key=value>', 'a variable for the bot; may be repeated', collect, [])
    .option('--cwd <directory>', 'where the command runs (default: here)')
    .option('--from <file>', 'a YAML document that describes the bot; the other options are added to it')
    .option('--no-wait', 'return as soon as it is accepted')
    .addOption(waiting('how long to wait for the bot'))
    .action((name, command, options) =>
      invoke(async (context) => (await import('./commands/add.ts')).add(context, name, command, options)),
    );
  program
    .command('rm')
    .alias('delete')
    .description('stop bots, remove their files, forget them')
    .argument('<bots...>', 'names, or globs such as music-*')
    .option('-y, --yes', 'do not ask')
    .option('--no-wait', 'return as soon as it is accepted')
    .addOption(waiting('how long to wait for the end'))
    .action((bots, options) =>
      invoke(async (context) => (await import('./commands/rm.ts')).rm(context, bots, options)),
    );
  program
    .command('kill')
    .description('send a signal to the main process of a bot')
    .argument('<bot>')
    .option('-s, --signal <signal>', 'name or number', 'SIGKILL')
    .action((bot, options) =>
      invoke(async (context) => (await import('./commands/kill.ts')).kill(context, bot, options)),
    );

  program
    .command('logs')
    .description('what bots printed')
    .argument('[bots...]', 'names, or globs such as music-*; default: all')
    .option('-f, --follow', 'go on with new lines')
    .option('-n, --lines <count>', 'how many lines of each bot', count, 100)
    .option('--since <time>', 'not older than this: 10m, or 2026-01-31T12:00:00Z', since)
    .option('-t, --timestamps', 'full dates')
    .action((bots, options) =>
      invoke(async (context) => (await import('./commands/logs.ts')).logs(context, bots, options)),
    );
  program
    .command('events')
    .description('what happened, from the journal')
    .option('-f, --follow', 'go on with new events')
    .option('-n, --lines <count>', 'how many events', count, 50)
    .option('--since <time>', 'not older than this: 10m, or 2026-01-31T12:00:00Z', since)
    .option('--bot <name>', 'only of this bot')
    .option('--type <type>', 'only of this type, such as bot.exited')
    .action((options) => invoke(async (context) => (await import('./commands/events.ts')).events(context, options)));

  const config = program.command('config').description('check the configuration, or print its JSON Schema');
  config
    .command('validate')
    .description('read the configuration and report every fault')
    .argument('[file]')
    .action((file) => invoke(async (context) => (await import('./commands/config.ts')).validate(context, file)));
  config
    .command('schema')
    .description('the JSON Schema of droas.yaml, for editors')
    .action(() => invoke(async (context) => (await import('./commands/config.ts')).schema(context)));

  program
    .command('demo')
    .description('a fleet on an emulated Discord: no token, no account')
    .option('--check', 'run the story unattended and check it')
    .action(({ check }) =>
      invoke(async ({ wiring, output, terminal }) => {
        // Whatever it made it also removes, whether or not anybody still reads what it tells.
        terminal.outliveReaders();
        return wiring.runDemo({ check: check === true, json: output.json });
      }),
    );
  program
    .command('emulator')
    .description('an emulated Discord and model on this machine, until Ctrl-C')
    .option('--port <port>', 'the port (default: any free one)', port, 0)
    .option('--bind <address>', 'the address to listen on', '127.0.0.1')
    .option('--allow-remote', 'also an address that other machines reach: they may do anything to its bots', false)
    .option('--script <file>', 'faults to set, and when (YAML or JSON)')
    .option('--seed <number>', 'makes the random decisions of faults repeatable (default: drawn, and printed)', seed)
    .action((options) =>
      invoke(async (context) => (await import('./commands/emulator.ts')).emulator(context, options)),
    );
  program
    .command('version')
    .description('the version of this program')
    .action(() => invoke(async (context) => (await import('./commands/version.ts')).version(context)));
  program
    .command('completion')
    .description('print a script that completes commands in your shell')
    .argument('<shell>', 'bash, zsh, fish or powershell')
    .action((shell) => invoke(async () => (await import('./commands/completion.ts')).script(shell)));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action((words) =>
      invoke(async (context) => (await import('./commands/completion.ts')).complete(context, program, words)),
    );
  for (const command of [...program.commands, ...config.commands]) acceptGlobalOptions(command);
  return program;
}

const globalOptions: readonly Option[] = [
  new Option('--json', 'one JSON document (streams: one per line) on stdout, nothing else'),
  new Option('--host <url>', 'the socket of the supervisor: unix:///path'),
  new Option(
    '--state <directory>',
    'the state directory of the supervisor (default: $DROAS_STATE, else the usual place)',
  ),
  new Option('--no-color', 'no colours; so does NO_COLOR'),
  new Option('-q, --quiet', 'no progress; with ps: names only'),
];
const hidden = new Map(globalOptions.map((option) => [option, new Option(option.flags).hideHelp()]));
const isGlobal = new Set([...hidden].flat());

/** Global options work after the command too, unless it has a use of its own for the name. */
function acceptGlobalOptions(command: Command): void {
  for (const option of hidden.values()) {
    if (!command.options.some(({ long }) => long === option.long)) command.addOption(option);
  }
}

function globalOptionsOf(command: Command | null): GlobalOptions {
  if (command === null) return { color: true };
  const given = command.options
    .map((option) => ({ option, key: option.attributeName() }))
    .filter(({ option, key }) => isGlobal.has(option) && command.getOptionValueSource(key) === 'cli')
    .map(({ key }) => [key, command.getOptionValue(key)]);
  return { ...globalOptionsOf(command.parent), ...Object.fromEntries(given) };
}

const waiting = (what: string): Option =>
  new Option('--timeout <duration>', what).argParser(duration).default(60_000, '60s');

const footer = `
The options above work with every command, before or after its name.
Exit codes: 0 done (or already so) · 1 a target failed · 2 wrong usage · 3 not running or not healthy · 4 no such bot ·
5 no supervisor answers · 6 configuration invalid · 8 accepted, but not finished in time · 9 not allowed · 130 Ctrl-C`;
