import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Perl } from './shim.ts';
import type { ShimStart, Started, Starter } from './starter.ts';

/**
 * A small process that forks in the supervisor's place: 0.3 ms instead of 2 to 4, because a fork costs by what has to be
 * mapped again, and not on the supervisor's thread. Each child becomes a session leader and a subreaper (what a
 * shell cannot do for itself), closes whatever it inherited, and is replaced by the shim. Ends when the supervisor does.
 *
 * In: eight digits, the length of a request; the request: NUL between number, directory, spools, how many variables, the
 * variables, program and arguments; or a number alone: kill what came of it. Out, a line each: `failed NUMBER WHY`,
 * `ended NUMBER exit CODE` (or `signal NUMBER`). Not dumpable, since secrets may pass in environments.
 */
const program = `
my ($prctl, $setsid) = @ARGV;
$0 = 'droas launcher';
syscall($prctl, 4, 0, 0, 0, 0);
my (%living, %ended);
sub answer { syswrite STDOUT, "@_\\n" }
sub way { $_[0] & 127 ? 'signal ' . ($_[0] & 127) : 'exit ' . ($_[0] >> 8) }
sub settle { answer('ended', delete $living{$_}, way(delete $ended{$_})) for grep { $living{$_} } keys %ended }
$SIG{CHLD} = sub { local ($!, $?); while ((my $pid = waitpid(-1, 1)) > 0) { $ended{$pid} = $? } settle() };
sub take {
  my ($length, $bytes) = ($_[0], '');
  while (length $bytes < $length) {
    my $read = sysread STDIN, $bytes, $length - length $bytes, length $bytes;
    next if !defined $read && $! == 4;
    exit unless $read;
  }
  $bytes;
}
while (1) {
  my ($number, $directory, $out, $err, $variables, @words) = split /\\0/, take(take(8)), -1;
  if (!defined $directory) { kill 9, grep { $living{$_} == $number } keys %living; next }
  my $pid = fork;
  if (!defined $pid) { answer('failed', $number, $!); next }
  if ($pid) { $living{$pid} = $number; settle(); next }
  $SIG{CHLD} = 'DEFAULT';
  %ENV = map { split /=/, $_, 2 } splice @words, 0, $variables;
  open STDIN, '<', '/dev/null' and open STDOUT, '>>', $out and open STDERR, '>>', $err or exit 125;
  chdir $directory or die "cannot enter $directory: $!\\n";
  syscall($setsid);
  syscall($prctl, 36, 1, 0, 0, 0) == 0 or $words[6] = 'plain';
  syscall(436, 3, 4294967295, 0);
  exec { $words[0] } @words or die "cannot execute $words[0]: $!\\n";
}`;

type Told = (why: Error | string) => void;

export function createForkServer(perl: Perl): Starter {
  let server: ForkServer | null = null;
  return {
    start(shim, ended) {
      server ??= new ForkServer(perl, () => {
        server = null;
      });
      return server.start(shim, ended);
    },
    close: () => server?.close(),
  };
}

class ForkServer {
  readonly #process: ChildProcess;
  /** Who waits, by the number of the request. */
  readonly #waiting = new Map<string, Told>();
  #requested = 0;
  #pending = '';

  constructor({ path, prctl, setsid }: Perl, gone: () => void) {
    this.#process = spawn(path, ['-e', program, `${prctl}`, `${setsid}`], {
      cwd: '/',
      env: { PERL_BADLANG: '0' },
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = (why: Error | string) => {
      gone();
      for (const tell of this.#waiting.values()) tell(why);
      this.#waiting.clear();
    };
    this.#process.once('error', ended);
    this.#process.once('close', (code, signal) => ended(`its launcher ended (${signal ?? `exit ${code}`})`));
    const { stdin, stdout } = this.#process as { stdin: Socket | null; stdout: Socket | null };
    stdin?.on('error', () => {});
    stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    for (const handle of [this.#process, stdin, stdout]) handle?.unref();
  }

  start({ argv, cwd, env, spools }: ShimStart, ended: Told): Started {
    const number = `${++this.#requested}`;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const words = [cwd, spools.out, spools.err, `${variables.length}`, ...variables, ...argv];
    this.#waiting.set(number, ended);
    if (words.some((word) => word.includes('\0')))
      setImmediate(() => this.#tell(number, new Error('no argument or variable may hold a NUL character')));
    else this.#request([number, ...words]);
    return { forget: () => void this.#waiting.delete(number), kill: () => this.#request([number]) };
  }

  close(): void {
    this.#process.stdin?.end();
  }

  #request(words: readonly string[]): void {
    const body = Buffer.from(words.join('\0'));
    this.#process.stdin?.write(Buffer.concat([Buffer.from(`${body.length}`.padStart(8, '0')), body]));
  }

  #hear(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      const [, what, number = '', more = ''] = /^(\w+) (\d+) (.*)$/.exec(line) ?? [];
      this.#tell(number, what === 'failed' ? new Error(more) : `its shim ended (${more})`);
    }
  }

  #tell(number: string, why: Error | string): void {
    const tell = this.#waiting.get(number);
    this.#waiting.delete(number);
    tell?.(why);
  }
}
