import type { BotSpec } from './spec.ts';

/**
 * Everything that a running process depends on, as one text: equal for two specs when, and only when, a process of the
 * one may go on as a process of the other. Holds secrets; only its hash may be kept.
 */
export const specIdentity = ({ program, token, discordApi, secretsIn, cwd, env, health }: BotSpec): string =>
  canonical({ program, token, discordApi, secretsIn, cwd, env, heartbeatMs: health.heartbeatMs });

/** JSON with the keys of every object in one order, so that equal values have equal texts. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (isMap(inner) ? sorted(inner) : inner));

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (map: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
