import type { Attachment } from './attachments.ts';
import type { Choice, Command } from './command.ts';
import type { Component } from './component.ts';
import type { Application, Channel, Message, Role, User } from './model.ts';

export const interactionType = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

/** An option with its value, or a subcommand or group with its options. */
export type GivenOption = {
  readonly name: string;
  readonly type: number;
  readonly value?: string | number | boolean;
  readonly options?: readonly GivenOption[];
  readonly focused?: true;
};

/** What the ids in an interaction stand for. */
export type Resolved = {
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly channels: readonly Channel[];
  readonly messages: readonly Message[];
  readonly attachments: readonly Attachment[];
};

export type CommandData = {
  readonly command: Command;
  /** With subcommand and group, such as `config set`. */
  readonly fullName: string;
  readonly options: readonly GivenOption[];
  /** The user or message that a menu command was used on. */
  readonly targetId: string | null;
};

export type Modal = {
  readonly custom_id: string;
  readonly title: string;
  readonly components: readonly Component[];
};

export type InteractionData =
  | ({ readonly type: typeof interactionType.command | typeof interactionType.autocomplete } & CommandData)
  | {
      readonly type: typeof interactionType.component;
      readonly component: Component;
      /** What was selected; null for a button. */
      readonly values: readonly string[] | null;
    }
  | {
      readonly type: typeof interactionType.modal;
      readonly customId: string;
      /** The modal's tree with the values that were filled in. */
      readonly components: readonly Component[];
    };

/** How the bot reacted first. */
export type InteractionResponse =
  | { readonly kind: 'message'; readonly messageId: string; readonly isDeferred: boolean }
  | { readonly kind: 'update'; readonly messageId: string; readonly isDeferred: boolean }
  | { readonly kind: 'choices'; readonly choices: readonly Choice[] }
  | { readonly kind: 'modal'; readonly modal: Modal }
  /** Not within three seconds: people read "The application did not respond". */
  | { readonly kind: 'none' };

export type Interaction = {
  readonly id: string;
  readonly token: string;
  readonly application: Application;
  readonly channel: Channel;
  readonly user: User;
  readonly data: InteractionData;
  readonly resolved: Resolved;
  /** The message whose component was used, also when that led to a modal. */
  readonly message: Message | null;
  readonly createdAtMs: number;
  /** Settles once, when the bot has reacted or its time is over; never rejects. */
  readonly response: Promise<InteractionResponse>;
  state: 'waiting' | 'deferred' | 'answered';
  originalId: string | null;
  /** Every message that answers it. */
  readonly messageIds: Set<string>;
};
