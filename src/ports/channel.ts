import type { FromChild, ToChild } from '../protocol/child.ts';

/** Where one incarnation may connect, and what proves that it is that incarnation. */
export type ChannelAddress = {
  readonly bot: string;
  readonly incarnation: number;
  /** SHA-256 of the one-time key, hex. */
  readonly keyHash: string;
  /** How often the child shall send a heartbeat. */
  readonly heartbeatMs: number;
};

export interface ChannelListener {
  /** A validated message of the child, after a successful hello. Never called synchronously from `open`. */
  message(message: FromChild): void;
  /** `reason` says why for people; e.g. a wrong key, a flood, a line over the limit. The connection was closed. */
  refused(reason: string): void;
  connected(): void;
  disconnected(): void;
}

/** The supervisor's end of one incarnation's socket. */
export interface Channel {
  /** Path of the Unix socket, at most 107 bytes. */
  readonly path: string;
  /** False when no child is connected: nothing is queued. */
  send(message: ToChild): boolean;
  /** Resolves when nobody is connected any more and all that was said has been delivered. */
  silent(): Promise<void>;
  close(): void;
}

export interface Channels {
  /** Listens at the address; replaces a stale socket file of the same incarnation. */
  open(address: ChannelAddress, listener: ChannelListener): Promise<Channel>;
}
