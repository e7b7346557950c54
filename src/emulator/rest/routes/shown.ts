import { intent } from '../../gateway/intents.ts';
import type { Application, Channel, Message } from '../../world/model.ts';
import type { Json } from '../../world/payload/json.ts';
import { isAddressed, toMessage } from '../../world/payload/message.ts';
import type { ApiContext } from '../context.ts';

/** Messages over HTTP: the switch of the application decides what it reads, whatever intents it identified with. */
export const shownTo =
  ({ world }: ApiContext) =>
  (message: Message, channel: Channel, application: Application): Json => {
    const readsContent = (application.privilegedIntents & intent.messageContent) !== 0;
    const isReadable = (one: Message): boolean => readsContent || isAddressed(application, channel, one);
    return toMessage(message, channel, world, isReadable, application.id);
  };
