import type { Application } from '../world/model.ts';
import type { Json } from '../world/payload/json.ts';
import type { Session } from './session.ts';

/** One dispatch for the sessions of some applications; a session takes it when shard and intents fit. */
export type Delivery = {
  readonly event: string;
  readonly guildId: string | null;
  /** The intent bit that asks for it; 0 when none is needed. */
  readonly intent: number;
  readonly audience: readonly Application[];
  /** Only for this one. */
  readonly sessionId?: string;
  /** The serialised `d` as that session sees it. Each distinct form is made once, however many sessions there are. */
  readonly data: (session: Session) => string;
};

/** Serialises at the first need, and only once. */
export const once = (make: () => Json): (() => string) => {
  let made: string | undefined;
  return () => {
    made ??= JSON.stringify(make());
    return made;
  };
};
