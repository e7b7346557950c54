export { type AttachableClient, type Attached, type AttachOptions, attach } from './attach.ts';
export { type ConnectOptions, connect, type Droas, type StopListener } from './connect.ts';
export type { Counters, GatewayReport, StopIntent } from './messages.ts';
