import type { Interaction } from './interaction.ts';
import type { Application, Channel, Emoji, Guild, Member, Message, Presence, Role, User, VoiceState } from './model.ts';

/** What happened; the gateway decides who hears of it. */
export type WorldEvent =
  | {
      readonly type: 'message-created' | 'message-updated' | 'message-deleted';
      readonly channel: Channel;
      readonly message: Message;
    }
  | { readonly type: 'messages-deleted'; readonly channel: Channel; readonly messageIds: readonly string[] }
  | {
      readonly type: 'reaction-added' | 'reaction-removed';
      readonly channel: Channel;
      readonly message: Message;
      readonly user: User;
      readonly emoji: Emoji;
    }
  | {
      readonly type: 'reactions-cleared';
      readonly channel: Channel;
      readonly message: Message;
      /** Only those of this emoji; null for all. */
      readonly emoji: Emoji | null;
    }
  | { readonly type: 'pins-changed'; readonly channel: Channel }
  | { readonly type: 'typing'; readonly channel: Channel; readonly user: User; readonly atMs: number }
  | { readonly type: 'interaction'; readonly channel: Channel; readonly interaction: Interaction }
  /** Threads are channels too. */
  | { readonly type: 'channel-created' | 'channel-updated' | 'channel-deleted'; readonly channel: Channel }
  | {
      readonly type: 'thread-members';
      readonly channel: Channel;
      readonly added: readonly User[];
      readonly removed: readonly User[];
    }
  /** A bot came into a guild or is there no longer, maybe because the guild is gone. */
  | { readonly type: 'guild-joined' | 'guild-left'; readonly guild: Guild; readonly application: Application }
  | { readonly type: 'guild-updated'; readonly guild: Guild }
  | { readonly type: 'role-created' | 'role-updated' | 'role-deleted'; readonly guild: Guild; readonly role: Role }
  | {
      readonly type: 'member-added' | 'member-updated' | 'member-removed';
      readonly guild: Guild;
      readonly member: Member;
    }
  | {
      readonly type: 'voice-state';
      readonly guild: Guild;
      readonly member: Member;
      readonly state: VoiceState;
      /** Into the channel, out of it, or from another; not when only the way of taking part has changed. */
      readonly hasMoved: boolean;
    }
  | { readonly type: 'presence'; readonly user: User; readonly presence: Presence }
  /** A bot gave itself another name. */
  | { readonly type: 'self-updated'; readonly application: Application };
