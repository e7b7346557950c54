import { z } from 'zod';
import { parseJson } from '../json.ts';
import { presenceData } from './requests/presence.ts';

/** What a client may send. Numbers: https://docs.discord.com/developers/topics/opcodes-and-status-codes */
export const op = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  presenceUpdate: 3,
  voiceStateUpdate: 4,
  resume: 6,
  reconnect: 7,
  requestGuildMembers: 8,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
  requestSoundboardSounds: 31,
  requestChannelInfo: 43,
} as const;

const ofSession: ReadonlySet<number> = new Set([
  op.presenceUpdate,
  op.voiceStateUpdate,
  op.requestGuildMembers,
  op.requestSoundboardSounds,
  op.requestChannelInfo,
]);

/** What only a client with a session may send. */
export const needsSession = (code: number): boolean => ofSession.has(code);

export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  abnormal: 1006,
  tooLarge: 1009,
  unknownError: 4000,
  unknownOpcode: 4001,
  decodeError: 4002,
  notAuthenticated: 4003,
  authenticationFailed: 4004,
  alreadyAuthenticated: 4005,
  invalidSeq: 4007,
  rateLimited: 4008,
  sessionTimedOut: 4009,
  invalidShard: 4010,
  shardingRequired: 4011,
  invalidVersion: 4012,
  invalidIntents: 4013,
  disallowedIntents: 4014,
} as const;

const sessionEnding: ReadonlySet<number> = new Set([
  closeCode.normal,
  closeCode.goingAway,
  closeCode.authenticationFailed,
  closeCode.invalidShard,
  closeCode.shardingRequired,
  closeCode.invalidVersion,
  closeCode.invalidIntents,
  closeCode.disallowedIntents,
]);

/** 1000 and 1001 end the session, and so do the codes after which no reconnect is allowed; any other keeps it resumable. */
export const endsSession = (code: number): boolean => sessionEnding.has(code);

const envelope = z.object({ op: z.int(), d: z.unknown() });
const sequence = z.int().nonnegative();

export const heartbeatData = sequence.nullish();
/** With or without the scheme that REST asks for: Discord takes both. */
const token = z.string().transform((text) => text.replace(/^Bot /, ''));

export const identifyData = z.object({
  token,
  intents: z.number(),
  properties: z.looseObject({}),
  /** Checked by the gateway: a wrong one has a close code of its own. */
  shard: z.unknown().optional(),
  /** Whatever is true: oceanic.js says the name of its transport compression here, and Discord takes it. */
  compress: z.unknown().transform(Boolean).optional(),
  large_threshold: z.int().nullish(),
  presence: presenceData.nullish(),
});
export const shardPair = z.tuple([sequence, z.int().positive()]).refine(([id, count]) => id < count);
export const resumeData = z.object({ token, session_id: z.string(), seq: sequence });
export const acceptedData = z.looseObject({}).nullish();

export type IdentifyData = z.infer<typeof identifyData>;
export type ResumeData = z.infer<typeof resumeData>;
export type ClientPayload = z.infer<typeof envelope>;

/** Null when it is no payload at all. */
export function decode(text: string): ClientPayload | null {
  try {
    return envelope.parse(parseJson(text));
  } catch {
    return null;
  }
}
