import type { User } from '../model.ts';
import type { Json } from './json.ts';

export const toUser = (user: User): Json => ({
  id: user.id,
  username: user.name,
  discriminator: user.bot ? '0001' : '0',
  global_name: user.bot ? null : user.name,
  avatar: null,
  bot: user.bot,
  system: false,
  banner: null,
  accent_color: null,
  public_flags: 0,
});

export const toSelf = (user: User): Json => ({
  ...toUser(user),
  bio: '',
  locale: 'en-US',
  mfa_enabled: false,
  verified: true,
  email: null,
  flags: 0,
});
