import { callbackRoutes } from './callback-routes.ts';
import { channelRoutes } from './channel-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { guildRoutes } from './guild-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { pinRoutes } from './pin-routes.ts';
import { reactionRoutes } from './reaction-routes.ts';
import { roleRoutes } from './role-routes.ts';
import { threadRoutes } from './thread-routes.ts';
import { userRoutes } from './user-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

export const allRoutes = [
  userRoutes,
  commandRoutes,
  guildRoutes,
  memberRoutes,
  roleRoutes,
  channelRoutes,
  threadRoutes,
  messageRoutes,
  reactionRoutes,
  pinRoutes,
  callbackRoutes,
  webhookRoutes,
] as const;
