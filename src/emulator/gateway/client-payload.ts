import { z } from 'zod';

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

const accepted: ReadonlySet<number> = new Set([
  op.presenceUpdate,
  op.voiceStateUpdate,
  op.requestGuildMembers,
  op.requestSoundboardSounds,
  op.requestChannelInfo,
]);

/** Payloads of a session that the emulator takes and does not act upon. */
export const isAccepted = (code: number): boolean => accepted.has(code);

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

const status = z.enum(['online', 'idle', 'dnd', 'invisible', 'offline']);

export const heartbeatData = sequence.nullish();
export const identifyData = z.object({
  token: z.string(),
  intents: z.number(),
  properties: z.looseObject({}),
  /** Checked by the gateway: a wrong one has a close code of its own. */
  shard: z.unknown().optional(),
  presence: z.looseObject({ status: status.optional() }).nullish(),
});
export const presenceData = z.looseObject({ status });
export const shardPair = z.tuple([sequence, z.int().positive()]).refine(([id, count]) => id < count);
export const resumeData = z.object({ token: z.string(), session_id: z.string(), seq: sequence });
export const acceptedData = z.looseObject({}).nullish();

export type IdentifyData = z.infer<typeof identifyData>;
export type ResumeData = z.infer<typeof resumeData>;
export type ClientPayload = z.infer<typeof envelope>;

/** Null when it is no payload at all. */
export function decode(text: string): ClientPayload | null {
  try {
    return envelope.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
