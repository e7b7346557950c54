import { z } from 'zod';
import type { Limits } from '../../limits.ts';
import type { Attachment, Attachments } from '../../world/attachments.ts';
import type { Component } from '../../world/component.ts';
import { numbered } from '../../world/component.ts';
import type { Message } from '../../world/model.ts';
import { DiscordError, emptyMessage, invalidForm, parse } from '../discord-error.ts';
import { componentsV2Flag, layout, rows } from './component.ts';
import { embeds } from './embed.ts';
import { snowflake } from './snowflake.ts';
import type { UploadedFile } from './upload.ts';
import { uploadOf } from './upload.ts';

/** What a bot may put into a message; fields that the emulator does not know are ignored, as unknown fields are on Discord. */
export const messageBody = z.object({
  content: z.string().max(2000).nullish(),
  embeds: embeds.nullish(),
  components: z.array(z.unknown()).nullish(),
  attachments: z
    .array(
      z.looseObject({
        id: z.union([z.string(), z.int()]).transform(String),
        filename: z.string().max(1024).nullish(),
        description: z.string().max(1024).nullish(),
      }),
    )
    .nullish(),
  flags: z.int().nonnegative().nullish(),
  allowed_mentions: z
    .object({
      parse: z.array(z.enum(['roles', 'users', 'everyone'])).nullish(),
      users: z.array(snowflake).max(100).nullish(),
      roles: z.array(snowflake).max(100).nullish(),
      replied_user: z.boolean().nullish(),
    })
    .nullish(),
});

export const newMessageBody = messageBody.extend({
  nonce: z.union([z.string().max(25), z.int()]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  tts: z.boolean().nullish(),
  message_reference: z
    .object({ type: z.literal(0).nullish(), message_id: snowflake, fail_if_not_exists: z.boolean().nullish() })
    .nullish(),
});

export type MessageBody = z.infer<typeof messageBody>;
export type Written = Pick<Message, 'content' | 'embeds' | 'components' | 'attachments'>;

const suppressEmbedsFlag = 1 << 2;
const suppressNotificationsFlag = 1 << 12;
/** Flags that a bot may set on any message; others are dropped, as Discord does. */
export const botFlags = suppressEmbedsFlag | suppressNotificationsFlag | componentsV2Flag;

const mostAttachments = 10;

/** Makes the visible part of messages out of request bodies. */
export class MessageWriter {
  readonly #attachments: Attachments;
  readonly #limits: Limits;

  constructor(attachments: Attachments, limits: Limits) {
    this.#attachments = attachments;
    this.#limits = limits;
  }

  /**
   * The next version of a message, or its first: fields that are left out stay as they were `before`.
   * @throws DiscordError when nothing would be left to show, or a file is too large
   */
  written(
    request: { readonly body: unknown; readonly channelId: string },
    body: MessageBody,
    before?: Message,
  ): Written {
    const isLayout = (((body.flags ?? 0) | (before?.flags ?? 0)) & componentsV2Flag) !== 0;
    const content = body.content === undefined ? (before?.content ?? '') : (body.content?.trim() ?? '');
    const shownEmbeds = body.embeds === undefined ? (before?.embeds ?? []) : (body.embeds ?? []);
    if (isLayout && (content !== '' || shownEmbeds.length > 0)) throw notBesideLayout();
    const components =
      body.components === undefined ? (before?.components ?? []) : componentsIn(body.components ?? [], isLayout);

    const { files } = uploadOf(request.body);
    const kept = (before?.attachments ?? []).filter(
      ({ id }) => !body.attachments || body.attachments.some((one) => one.id === id),
    );
    const count = kept.length + files.length;
    if (count > mostAttachments)
      throw new DiscordError(400, 30015, `Maximum number of attachments in a message reached (${mostAttachments})`);
    if (files.some(({ bytes }) => bytes.length > this.#limits.fileBytes))
      throw new DiscordError(413, 40005, 'Request entity too large');
    if (content === '' && shownEmbeds.length === 0 && components.length === 0 && count === 0) throw emptyMessage();
    const added = files.map((file) => this.#attach(request.channelId, file, body));
    return { content, embeds: shownEmbeds, components, attachments: [...kept, ...added] };
  }

  #attach(channelId: string, { index, name, contentType, bytes }: UploadedFile, body: MessageBody): Attachment {
    const details = body.attachments?.find(({ id }) => id === String(index));
    const description = details?.description ?? null;
    return this.#attachments.add(channelId, { name: details?.filename ?? name, description, contentType, bytes });
  }
}

function componentsIn(given: readonly unknown[], isLayout: boolean): readonly Component[] {
  const checked = parse(z.object({ components: isLayout ? layout : rows }), { components: given });
  return numbered(checked.components);
}

const notBesideLayout = (): DiscordError =>
  invalidForm([
    {
      path: ['content'],
      problem: {
        code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
        message: 'The content and embeds fields cannot be used with the flag IS_COMPONENTS_V2',
      },
    },
  ]);
