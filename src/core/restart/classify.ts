import type { GatewayEvidence } from '../health/evidence.ts';
import { type Refusal, refusalOf, unauthorized } from './close-code.ts';
import type { RestartPolicy } from './policy.ts';
import { signalName } from './signal-name.ts';
import type { Cause, Exit, Verdict } from './verdict.ts';

/** All that is known when the main process of an incarnation has ended. */
export type EndFacts = {
  /** null: it ended, and there is not even a claim about how. */
  readonly exit: Exit | null;
  readonly mode: RestartPolicy['mode'];
  /** The last word about the gateway connection, if there ever was one. */
  readonly gateway: Pick<GatewayEvidence, 'state' | 'closeCode'> | null;
  /** Discord answered 401 to the bot's own token. */
  readonly unauthorized?: boolean;
  /** The kernel killed a process of the tree for lack of memory. */
  readonly oom?: boolean;
  readonly ready: boolean;
  /** Last line of the error output, redacted; quoted in the sentence. */
  readonly lastStderr?: string;
  /** A Discord outage is under way. */
  readonly outage: boolean;
};

const notFound = 127;
const notExecutable = 126;
const quotedCharacters = 160;

/**
 * Finds the cause of an end before anything is counted. An end that the policy itself brought about has its cause already:
 * the lifecycle keeps it. What Discord said for good comes before what the process said:
 * a library that gave up on a revoked token may well exit 0. Evidence of the bot's own fault (not executable, out of
 * memory) comes before an outage, which excuses the rest: what a bot does when it loses Discord is not its crash.
 */
export function classify(facts: EndFacts): Verdict {
  const { exit } = facts;
  const verdict = (cause: Cause, sentence: string, remedy: string | null = null): Verdict => ({
    cause,
    sentence,
    remedy,
    exit,
    closeCode: facts.gateway?.closeCode ?? null,
  });
  if (exit?.kind === 'not-started') return verdict('environment', describeExit(exit));
  const refusal = gatewayRefusal(facts.gateway) ?? (facts.unauthorized === true ? unauthorized : null);
  if (refusal !== null)
    return verdict('fatal', `${refusal.sentence}; the process ${describeExit(exit)}`, refusal.remedy);
  const missing = notExecuted(facts);
  if (missing !== null) return verdict('fatal', missing.sentence, missing.remedy);
  if (facts.oom === true)
    return verdict('crash', `killed for lack of memory: ${describeExit(exit)}`, outOfMemoryRemedy);
  const isZero = exit?.kind === 'code' && exit.code === 0;
  if (isZero && facts.mode !== 'always') return verdict('clean', describeExit(exit));
  if (facts.outage && facts.mode !== 'never') {
    return verdict('outage', `${describeExit(exit)} while Discord was out of reach for the fleet`);
  }
  return verdict('crash', crashSentence(facts, isZero));
}

/**
 * What the gateway said for good: a fatal close code, or the child's own report that reconnecting is pointless. A
 * connection that became READY again has outlived its last close code.
 */
export function gatewayRefusal(gateway: EndFacts['gateway']): Refusal | null {
  if (gateway === null || gateway.state === 'ready') return null;
  const refusal = refusalOf(gateway.closeCode);
  if (refusal !== null || gateway.state !== 'fatal') return refusal;
  const code = gateway.closeCode === null ? '' : ` (close code ${gateway.closeCode})`;
  return {
    sentence: `the bot reported that Discord refuses it for good${code}`,
    remedy: 'look at its log for what Discord refused, correct it, then start the bot',
  };
}

/**
 * Shells say 126 and 127 for a program that they could not execute. Some shims see only the code; before readiness that
 * is the same fact.
 */
function notExecuted({ exit, ready }: EndFacts): Refusal | null {
  if (exit?.kind !== 'not-executed' && exit?.kind !== 'code') return null;
  const shellSaysSo = !ready && (exit.code === notFound || exit.code === notExecutable);
  if (exit.kind === 'code' && !shellSaysSo) return null;
  const what = exit.code === notFound ? 'was not found' : 'could not be executed';
  return {
    sentence: `the command, or the interpreter that its first line names, ${what} (exit ${exit.code})`,
    remedy: "correct `command` in the bot's configuration, or make the file executable, then start the bot",
  };
}

const outOfMemoryRemedy = 'look for a leak, or give the bot (or the machine) more memory';

function crashSentence(facts: EndFacts, isZero: boolean): string {
  const when = isZero ? ' although it should run' : facts.ready ? '' : ' before it was ready';
  const line = facts.lastStderr?.trim() ?? '';
  const quoted = line.length > quotedCharacters ? `${line.slice(0, quotedCharacters)}…` : line;
  return `${describeExit(facts.exit)}${when}${quoted === '' ? '' : `: ${quoted}`}`;
}

/** `exited with code 1`, `ended by SIGKILL: signal 9 (or exit 137)`: completes "the process …". */
export function describeExit(exit: Exit | null): string {
  switch (exit?.kind) {
    case 'code':
    case 'not-executed':
      return `exited with code ${exit.code}`;
    case 'signal':
      return `ended by ${named(exit.signal)}signal ${exit.signal}`;
    case 'either':
      return `ended by ${named(exit.signal)}signal ${exit.signal} (or exit ${exit.code})`;
    case 'not-started':
      return 'was never started: its supervisor ended in the middle of it';
    case 'unknown':
    case undefined:
      return 'ended, and nobody recorded how';
    default:
      return exit satisfies never;
  }
}

function named(signal: number): string {
  const name = signalName(signal);
  return name === null ? '' : `${name}: `;
}
