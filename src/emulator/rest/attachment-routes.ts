import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Attachments } from '../world/attachments.ts';

type FileRequest = FastifyRequest<{ Params: { channelId: string; attachmentId: string; filename: string } }>;

/** Only these are shown by a browser; everything else is saved, so that no file runs on the emulator's own page. */
const shownInline = /^(image\/(png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain)$/;

/** The files of messages. As with Discord's, whoever knows the address may read. */
export const attachmentRoutes =
  (attachments: Attachments) =>
  async (server: FastifyInstance): Promise<void> => {
    server.get('/:channelId/:attachmentId/:filename', (request: FileRequest, reply) => {
      const file = attachments.find(request.params.attachmentId);
      if (!file || file.attachment.filename !== request.params.filename)
        return reply.code(404).type('text/plain').send('This content is no longer available.');
      const [mediaType = ''] = file.attachment.contentType.split(';');
      const isShown = shownInline.test(mediaType.trim());
      return reply
        .headers({
          'content-type': isShown ? file.attachment.contentType : 'application/octet-stream',
          'content-disposition': `${isShown ? 'inline' : 'attachment'}; filename="${file.attachment.filename}"`,
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
        })
        .send(Buffer.from(file.bytes));
    });
  };
