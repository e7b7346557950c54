import type { Refusal } from './budget.ts';
import type { FaultKind } from './model-fault.ts';

/** Everything that the bot says of its own accord. */
export const sentences = {
  empty: 'Ask me something: mention me together with your question, or reply to me with the ping left on.',
  full: 'I am still busy with the questions before yours. Please ask again in a moment.',
  restarting: 'I am being restarted. Please ask again in a minute.',
  modelBusy: 'The language model is very busy right now. Please try again in a minute.',
  modelFailed: 'The language model did not answer. Please try again later.',
  modelRefused: 'I cannot reach my language model: whoever runs me has to look at it, and can see why.',
  questionRejected: 'The language model does not take this question. Another one, or a shorter one, may work.',
  brokenOff: 'The language model stopped here, in the middle of its answer.',
  interrupted: 'I had to stop here because I am being restarted. Please ask again in a minute.',
  forgotten: 'Done: I no longer remember what was said in this channel.',
  nothingToForget: 'There is nothing that I remember of this channel.',
} as const;

const faults: Readonly<Partial<Record<FaultKind, string>>> = {
  busy: sentences.modelBusy,
  refused: sentences.modelRefused,
  rejected: sentences.questionRejected,
};

/** In words for people, who never see an error itself. */
export const apologyFor = (kind: FaultKind): string => faults[kind] ?? sentences.modelFailed;

const usedUp: Readonly<Record<Refusal['scope'], string>> = {
  user: 'You have asked me as much as one person may for now.',
  guild: 'I have been asked as much as I may be in this server for now.',
  day: 'I have answered as much as I may today.',
};

/** Discord shows the time as each reader's own, such as "in 12 minutes". */
export const overBudget = ({ scope, againAtMs }: Refusal): string =>
  `${usedUp[scope]} Please ask again <t:${Math.ceil(againAtMs / 1000)}:R>.`;
