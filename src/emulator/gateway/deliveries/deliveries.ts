import type { WorldEvent } from '../../world/event.ts';
import { toSelf } from '../../world/payload/user.ts';
import type { World } from '../../world/world.ts';
import type { Delivery } from '../delivery.ts';
import { once } from '../delivery.ts';
import { guildDeliveries } from './guilds.ts';
import { memberDeliveries } from './members.ts';
import { messageDeliveries } from './messages.ts';

/** Who hears of an event, and in which form. */
export function deliveriesOf(event: WorldEvent, world: World): readonly Delivery[] {
  switch (event.type) {
    case 'message-created':
    case 'message-updated':
    case 'message-deleted':
    case 'messages-deleted':
    case 'reaction-added':
    case 'reaction-removed':
    case 'reactions-cleared':
    case 'pins-changed':
    case 'typing':
    case 'interaction':
      return messageDeliveries(event, world);
    case 'member-added':
    case 'member-updated':
    case 'member-removed':
    case 'thread-members':
    case 'voice-state':
    case 'presence':
      return memberDeliveries(event, world);
    case 'self-updated': {
      const data = once(() => toSelf(event.application.bot));
      return [{ event: 'USER_UPDATE', guildId: null, intent: 0, audience: [event.application], data }];
    }
    default:
      return guildDeliveries(event, world);
  }
}
