import { attemptsInWindow } from '../restart/circuit.ts';
import type { RestartPolicy } from '../restart/policy.ts';
import { formatDuration } from '../units.ts';
import type { Fact } from './effect.ts';
import type { Child, Milliseconds, WaitReason } from './state.ts';

export type Severity = 'info' | 'warning' | 'error';
export type Described = { readonly severity: Severity; readonly sentence: string };

const waitingFor: Readonly<Record<WaitReason, string>> = {
  delay: 'backoff',
  'identify-window': "Discord's 5 s between two IDENTIFYs of one token",
  'identify-budget': 'the IDENTIFY budget of its token',
  outage: 'the end of the outage',
  'state-directory': 'a state directory that can be written',
};

/** What the child is doing and what comes next, in one sentence. */
export function describeState(child: Child, policy: RestartPolicy, nowMs: Milliseconds): string {
  const { state } = child;
  const why = child.lastVerdict?.sentence;
  switch (state.name) {
    case 'stopped':
      return child.desired === 'running' && why !== undefined ? `ended and is not started again: ${why}` : 'stopped';
    case 'starting': {
      const trial = state.trial > 0 ? `trial ${state.trial} of the open circuit, ` : '';
      return `${trial}not ready yet; ended if not ready in ${formatDuration(state.deadlineMs - nowMs)}`;
    }
    case 'running':
      return state.trial > 0
        ? `running as trial ${state.trial}; the circuit closes after ${formatDuration(policy.stableAfterMs)} healthy`
        : 'running';
    case 'stopping':
      return state.kills > 0
        ? `killed ${state.kills} times and still not gone`
        : `asked to end${state.verdict === null ? '' : ` (${state.verdict.sentence})`}; killed with its whole tree ${state.killAtMs > nowMs ? `in ${formatDuration(state.killAtMs - nowMs)}` : 'now'}`;
    case 'backoff': {
      const attempt = state.attempt > 0 ? `attempt ${state.attempt} of ${policy.maxAttempts} ` : '';
      const cause = why === undefined || state.attempt === 0 ? '' : ` after: ${why}`;
      return `${attempt}starts in ${formatDuration(state.untilMs - nowMs)} (${waitingFor[state.reason]})${cause}`;
    }
    case 'suspended':
      return `circuit open${why === undefined ? '' : ` after: ${why}`}; trial ${state.trial} starts in ${formatDuration(state.trialAtMs - nowMs)}`;
    case 'failed':
      return why ?? 'failed';
    default:
      return state satisfies never;
  }
}

/** What a person should do about it, or null. */
export function remedyFor(child: Child, name: string, policy: RestartPolicy, nowMs: Milliseconds): string | null {
  switch (child.state.name) {
    case 'failed':
      return child.lastVerdict?.remedy ?? `fix the cause, then: droas start ${name}`;
    case 'suspended':
      return `look at droas logs ${name}; after the fix: droas restart ${name}`;
    case 'backoff': {
      if (child.state.reason === 'state-directory')
        return child.lastVerdict?.remedy ?? 'make room for the state directory, or make it writable';
      const left = policy.maxAttempts - attemptsInWindow(child.attempts, nowMs, policy.windowMs).length;
      return left <= 0 ? `the circuit opens if this attempt fails; look at droas logs ${name}` : null;
    }
    case 'stopping':
      return child.state.kills > 1
        ? `a process in uninterruptible sleep cannot be killed; look for hung disks or network mounts`
        : null;
    default:
      return null;
  }
}

/** Severity and sentence of a journal event. */
export function describeFact(fact: Fact): Described {
  switch (fact.type) {
    case 'bot.starting':
      return info(
        fact.trial > 0
          ? `starting: trial ${fact.trial} of the open circuit`
          : fact.attempt > 0
            ? `starting: attempt ${fact.attempt}`
            : 'starting',
      );
    case 'bot.ready':
      return info(`ready after ${formatDuration(fact.tookMs)}`);
    case 'bot.stopping':
      return info(`stopping: ${fact.why}`);
    case 'bot.exited':
      return info(fact.verdict?.sentence ?? 'ended');
    case 'bot.killed':
      return warning(
        fact.kills === 1
          ? 'the grace period is over: killed with its whole tree'
          : `killed again (${fact.kills} times)`,
      );
    case 'bot.stopped':
      return info('stopped');
    case 'bot.restart-scheduled': {
      const counted = fact.attempt > 0 ? `attempt ${fact.attempt} of ${fact.maxAttempts}` : 'not counted';
      return warning(
        `restart ${fact.delayMs < 1 ? 'at once' : `in ${formatDuration(fact.delayMs)}`} (${counted}, ${waitingFor[fact.reason]}) because: ${fact.verdict.sentence}`,
      );
    }
    case 'bot.waiting':
      return info(`starts in ${formatDuration(fact.delayMs)}: ${waitingFor[fact.reason]}`);
    case 'bot.failed':
      return error(
        `failed: ${fact.verdict.sentence}${fact.verdict.remedy === null ? '' : ` → ${fact.verdict.remedy}`}`,
      );
    case 'bot.stable':
      return info('stable: the next failure starts with the shortest delay again');
    case 'bot.deleted':
      return info('deleted');
    case 'event.ignored':
      return info(`ignored ${fact.event} of incarnation ${fact.incarnation}, which is not the present one`);
    case 'circuit.opened':
      return error(
        `circuit open after ${fact.attempts} failed restarts: ${fact.verdict.sentence}; first trial in ${formatDuration(fact.trialInMs)}`,
      );
    case 'circuit.trial-failed':
      return error(`trial ${fact.trial} failed: ${fact.verdict.sentence}; next in ${formatDuration(fact.trialInMs)}`);
    case 'circuit.closed':
      return info(`circuit closed by ${fact.by === 'person' ? 'a person' : 'healthy time'}`);
    case 'alert.fired':
      return error(fact.sentence);
    default:
      return fact satisfies never;
  }
}

const info = (sentence: string): Described => ({ severity: 'info', sentence });
const warning = (sentence: string): Described => ({ severity: 'warning', sentence });
const error = (sentence: string): Described => ({ severity: 'error', sentence });
