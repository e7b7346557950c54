import { createHash } from 'node:crypto';
import type { Limits } from '../../limits.ts';

/** Which limit a route counts against. Discord documents no figures; clients are to read the headers. */
export type RouteBucket = {
  /** What `X-RateLimit-Bucket` says: the same for every channel, guild or webhook. */
  readonly hash: string;
  readonly calls: keyof Limits;
  readonly windowMs: keyof Limits;
};

type Rule = readonly [method: RegExp, route: RegExp, calls: keyof Limits, windowMs: keyof Limits, shared?: string];

/** The first that fits. Routes with a name in the last place share one bucket, the others have one each. */
const rules: readonly Rule[] = [
  [/PUT|DELETE/, /\/reactions/, 'reactionCalls', 'reactionWindowMs', 'reactions'],
  [/POST|PATCH|DELETE/, /^\/channels\/:channelId\/messages(\/:messageId)?$/, 'messageCalls', 'messageWindowMs'],
  [/POST/, /^\/channels\/:channelId\/typing$/, 'messageCalls', 'messageWindowMs'],
  [/./, /^\/webhooks\//, 'webhookCalls', 'webhookWindowMs', 'webhook'],
  [/./, /./, 'routeCalls', 'routeWindowMs'],
];

const known = new Map<string, RouteBucket>();

/** `route` is the pattern of the route, such as `/channels/:channelId/typing`. */
export function bucketOf(method: string, route: string): RouteBucket {
  const key = `${method} ${route}`;
  const found = known.get(key);
  if (found) return found;
  const rule = rules.find(([methods, routes]) => methods.test(method) && routes.test(route));
  const [, , calls, windowMs, shared = key] = rule ?? [/./, /./, 'routeCalls', 'routeWindowMs'];
  const hash = createHash('sha1').update(shared).digest('hex').slice(0, 32);
  const bucket: RouteBucket = { hash, calls, windowMs };
  known.set(key, bucket);
  return bucket;
}

type Place = { readonly channelId?: string; readonly guildId?: string; readonly token?: string };

/** The top-level resource, of which each counts apart: https://docs.discord.com/developers/topics/rate-limits */
export const resourceOf = ({ channelId, guildId, token }: Place): string => channelId ?? guildId ?? token ?? '';
