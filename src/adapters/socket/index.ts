export { type ChannelsOptions, createChannels } from './channels.ts';
