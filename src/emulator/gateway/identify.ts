import type { Shard } from '../ledger/entry.ts';
import type { Limits } from '../limits.ts';
import type { Application } from '../world/model.ts';
import type { IdentifyData } from './client-payload.ts';
import { closeCode, shardPair } from './client-payload.ts';
import { disallowedIntents, isValidIntents } from './intents.ts';

/** Without a close code it is answered with op 9, on an open connection. */
export type Refused = { readonly closeCode?: number; readonly reason: string };

/** The shard of a sound IDENTIFY, or the close code that Discord answers with. */
export function judgeIdentify(
  data: IdentifyData,
  application: Application,
  limits: Limits,
): { shard: Shard } | Refused {
  const shard = shardPair.safeParse(data.shard ?? [0, 1]);
  if (!shard.success) return { closeCode: closeCode.invalidShard, reason: 'Invalid shard.' };
  const guilds = application.guildIds.filter(
    (id) => (BigInt(id) >> 22n) % BigInt(shard.data[1]) === BigInt(shard.data[0]),
  );
  if (guilds.length > limits.guildsPerShard)
    return { closeCode: closeCode.shardingRequired, reason: 'Sharding required.' };
  if (!isValidIntents(data.intents)) return { closeCode: closeCode.invalidIntents, reason: 'Invalid intent(s).' };
  if (disallowedIntents(data.intents, application.privilegedIntents) !== 0)
    return { closeCode: closeCode.disallowedIntents, reason: 'Disallowed intent(s).' };
  return { shard: shard.data };
}
