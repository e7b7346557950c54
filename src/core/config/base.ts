import { builtIn } from './defaults.ts';
import { duration, memoryLimit } from './fields.ts';
import { budget, conversation, healthPolicy, llm, probeTiming, restartPolicy, stopPolicy } from './schema.ts';

/** The built-in defaults in the units of a spec, complete. */
export const base = {
  restart: restartPolicy.required().parse(builtIn.restart),
  stop: stopPolicy.required().parse(builtIn.stop),
  health: healthPolicy.omit({ probe: true }).required().parse(builtIn.health),
  probe: probeTiming.required().parse(builtIn.probe),
  llm: llm.omit({ key: true, model: true, budget: true }).required().parse(builtIn.llm),
  budget: budget.required().parse(builtIn.budget),
  conversation: conversation.required().parse(builtIn.conversation),
  startDeadline: duration().parse(builtIn.startDeadline),
  assistantMemoryLimit: memoryLimit.parse(builtIn.assistantMemoryLimit),
};
