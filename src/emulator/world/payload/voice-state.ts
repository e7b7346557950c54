import type { Guild, VoiceState } from '../model.ts';
import type { Json } from './json.ts';

/** Without the guild's id and without the member. */
export const toVoiceState = ({ user, sessionId, channelId, selfMute, selfDeaf }: VoiceState, guild: Guild): Json => ({
  channel_id: channelId,
  user_id: user.id,
  session_id: sessionId,
  deaf: guild.members.get(user.id)?.deaf ?? false,
  mute: guild.members.get(user.id)?.mute ?? false,
  self_deaf: selfDeaf,
  self_mute: selfMute,
  self_video: false,
  suppress: false,
  request_to_speak_timestamp: null,
});
