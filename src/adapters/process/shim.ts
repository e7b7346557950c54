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

/** Numbers of system calls that differ per machine: prctl(2), setsid(2). */
const callNumbers: Readonly<Partial<Record<string, Omit<Perl, 'path'>>>> = {
  x64: { prctl: 157, setsid: 112 },
  arm64: { prctl: 167, setsid: 157 },
};

/** What a fork server is made of. */
export type Perl = { readonly path: string; readonly prctl: number; readonly setsid: number };

/** What this machine offers for keeping a process tree together. */
export type Machine = {
  readonly shell: string;
  readonly sleep: string;
  /** Null: no subreaper; a process that leaves its session and wipes its environment is lost from sight. */
  readonly perl: Perl | null;
};

export function inspectMachine(path = process.env['PATH'] ?? '', architecture: string = process.arch): Machine {
  const folders = [...path.split(':').filter((folder) => folder.startsWith('/')), '/usr/local/bin', '/usr/bin', '/bin'];
  const find = (name: string): string | undefined => folders.map((folder) => join(folder, name)).find(isExecutable);
  const [perl, numbers] = [find('perl'), callNumbers[architecture]];
  return {
    shell: '/bin/sh',
    sleep: find('sleep') ?? '/bin/sleep',
    perl: perl !== undefined && numbers !== undefined ? { path: perl, ...numbers } : null,
  };
}

export type ShimOrder = {
  readonly directory: string;
  readonly oomScoreAdj: number;
  /** Program as an absolute path, and its arguments. */
  readonly command: readonly string[];
};

/** Program and arguments of the shim. The fork server knows the place of the kind among them. */
export function shimArguments({ shell, sleep, perl }: Machine, order: ShimOrder): [string, ...string[]] {
  const kind: ShimKind = perl === null ? 'plain' : 'reaper';
  const own = [order.directory, `${order.oomScoreAdj}`, kind, sleep, process.umask().toString(8)];
  return [shell, '-c', shimText, 'droas', ...own, ...order.command];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
