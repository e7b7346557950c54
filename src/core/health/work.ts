import type { Evidence, ModelEvidence, WorkEvidence } from './evidence.ts';
import { degraded, type Finding, note } from './finding.ts';

/** Half of what a bot does has to fail, and a quarter still is too much once it did: a rate near one limit must not flap. */
const failingRatio = 0.5;
const recoveredRatio = 0.25;
/** Of fewer, half are soon by chance. */
const leastOutcomes = 5;

/** Whether too much of a bot's own work fails. `before` is the same judgement about the sample before; without work nothing fails. */
export function isFailing(before: boolean, { done, failed }: Pick<WorkEvidence, 'done' | 'failed'>): boolean {
  const all = done + failed;
  if (before) return failed > 0 && failed >= recoveredRatio * all;
  return all >= leastOutcomes && failed >= failingRatio * all;
}

/** What a bot's own work says about it. That much of it fails is no reason to end the bot: the cause is elsewhere. */
export const workFindings = ({ work, model }: Evidence): readonly Finding[] => [
  ...(work === null ? [] : [outcomes(work)]),
  ...(model === null ? [] : [ofModel(model)]),
];

function outcomes({ done, failed, failing }: WorkEvidence): Finding {
  const reason = `${failed} of ${done + failed} requests failed within 5 min`;
  if (!failing) return note(failed === 0 ? `${done} requests done within 5 min` : reason);
  return degraded(`${reason} (warning from ${failingRatio * 100} % until below ${recoveredRatio * 100} %)`);
}

const refusals: Readonly<Record<number, string>> = {
  401: 'it does not accept `llm.key`',
  402: 'there is nothing left to pay with',
  403: 'what it is asked for is not allowed with this `llm.key`',
  404: 'it does not know `llm.model`, or `llm.baseUrl` is another address',
  429: 'its quota is used up',
};

function ofModel({ reachable, refusal }: ModelEvidence): Finding {
  if (refusal !== null) {
    return degraded(`the language model refuses the bot (HTTP ${refusal}): ${refusals[refusal] ?? 'see its log'}`);
  }
  return reachable ? note('the language model answers') : degraded('the language model cannot be reached');
}
