import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/**
 * The shim: a POSIX shell of about 0.2 MB between supervisor and bot. It leads the bot's session, records pid and exit
 * in the run directory, and so keeps both knowable when nobody supervises. It traps what a signal to the group would
 * kill it with; caught signals are default again in the bot.
 *
 * - A record is one write of one line. `exit` is there already, filled with spaces: overwriting needs no room on a full
 *   disk. Its descriptor is the shell's stderr, so that "Killed" lands there and not in the bot's output.
 * - `pid` is made with O_EXCL (`set -C`), before exec, or the bot is not started. Whoever makes that file first, shim or a
 *   supervisor that gave the start up, decides for ever whether this incarnation runs.
 * - A `reaper` shim (a child subreaper, prctl(2)) inherits every orphan of the tree, also those that left the session
 *   and wiped their environment, and stays until none is left. A shell cannot become one, so perl does and is replaced.
 * - Its naps carry an empty DROAS_RUN: that tells them from the bot's own processes.
 *
 * Arguments: run directory, oom_score_adj, kind, path of `sleep`, the bot's umask, program and its arguments. Passed as text, because a
 * file could be overwritten under a running shell. The variables are prefixed: one that the bot's environment also
 * has would be changed there.
 */
export const shimText = `
droas_dir=$1 droas_oom=$2 droas_kind=$3 droas_nap=$4 droas_umask=$5
shift 5
set -C
umask 077
trap : HUP INT QUIT ABRT ALRM TERM USR1 USR2 PIPE TSTP TTIN TTOU VTALRM PROF XCPU XFSZ
exec 3>&1 4>&2 >/dev/null 2<>"$droas_dir/exit" || exit 1
read -r droas_stat </proc/self/stat
echo "$droas_kind $droas_stat" >"$droas_dir/shim" || exit 1
(
  exec 2>/dev/null
  echo "$droas_oom" >|/proc/self/oom_score_adj
  read -r droas_stat </proc/self/stat
  echo "$droas_stat" >"$droas_dir/pid" || exit 1
  umask "$droas_umask"
  trap 'echo "noexec $?" >>"$droas_dir/pid"' EXIT
  exec "$@" >&3 2>&4 3>&- 4>&-
)
droas_code=$?
until echo "exit $droas_code" >&2; do DROAS_RUN= "$droas_nap" 1; done
exec 3>&- 4>&-
droas_pause=0.05
while :; do
  droas_left=; read -r droas_left <"/proc/$$/task/$$/children"
  [ "$droas_left" ] || { read -r droas_left <"/proc/$$/task/$$/children"; [ "$droas_left" ] || break; }
  DROAS_RUN= "$droas_nap" "$droas_pause"
  case $droas_pause in 0.05) droas_pause=0.2;; 0.2) droas_pause=1;; esac
done
echo empty >&2`;

export type ShimKind = 'reaper' | 'plain';

/** What every nap of a shim was started with. */
export const napMark = 'DROAS_RUN=';

/** prctl(2), whose number differs per machine; close_range(2) is 436 everywhere. */
const prctlNumbers: Readonly<Partial<Record<string, number>>> = { x64: 157, arm64: 167 };

/**
 * PR_SET_CHILD_SUBREAPER, or fall back to a plain shim; close whatever the supervisor itself inherited; become the
 * shell. PERL_BADLANG only silences perl about a locale that the machine lacks.
 */
const perlText = (prctl: number): string =>
  `delete$ENV{PERL_BADLANG};syscall(${prctl},36,1,0,0,0)==0 or $ARGV[6]='plain';syscall(436,3,4294967295,0);exec{$ARGV[0]}@ARGV`;

/** What this machine offers for keeping a process tree together. */
export type Machine = {
  readonly shell: string;
  readonly sleep: string;
  /** Null: no subreaper; a process that leaves its session and wipes its environment is lost from sight. */
  readonly reaper: { readonly perl: string; readonly prctl: number } | null;
};

export function inspectMachine(path = process.env['PATH'] ?? '', architecture: string = process.arch): Machine {
  const folders = [...path.split(':').filter((folder) => folder.startsWith('/')), '/usr/local/bin', '/usr/bin', '/bin'];
  const find = (name: string): string | undefined => folders.map((folder) => join(folder, name)).find(isExecutable);
  const [perl, prctl] = [find('perl'), prctlNumbers[architecture]];
  return {
    shell: '/bin/sh',
    sleep: find('sleep') ?? '/bin/sleep',
    reaper: perl !== undefined && prctl !== undefined ? { perl, prctl } : null,
  };
}

export type ShimOrder = {
  readonly directory: string;
  readonly oomScoreAdj: number;
  /** Program as an absolute path, and its arguments. */
  readonly command: readonly string[];
};
export type Invocation = { readonly file: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };

/** How the shim is started here. `env` comes on top of the bot's. */
export function invokeShim({ shell, sleep, reaper }: Machine, order: ShimOrder): Invocation {
  const kind: ShimKind = reaper === null ? 'plain' : 'reaper';
  const own = [order.directory, `${order.oomScoreAdj}`, kind, sleep, process.umask().toString(8)];
  const args = ['-c', shimText, 'droas', ...own, ...order.command];
  if (reaper === null) return { file: shell, args, env: {} };
  return { file: reaper.perl, args: ['-e', perlText(reaper.prctl), shell, ...args], env: { PERL_BADLANG: '0' } };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
