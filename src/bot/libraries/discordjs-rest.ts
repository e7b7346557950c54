import { type GatewayObserver, harmless } from './observer.ts';

const unauthorized = 401;

type Rest = {
  on(event: 'response', listener: (request: Request, response: Response) => void): unknown;
  off(event: 'response', listener: (request: Request, response: Response) => void): unknown;
};
type Request = { readonly data?: { readonly auth?: unknown } };
type Response = { readonly status?: number };

/** Tells when Discord refuses the bot's token over HTTP. `rest` is the REST client of @discordjs/rest, if there is one. */
export function watchRefusals(rest: unknown, observer: GatewayObserver): () => void {
  if (!isRest(rest)) return () => {};
  // A request without the bot's token, such as an answer to an interaction, has one of its own that may be refused.
  const listener = harmless(({ data }: Request, { status }: Response) => {
    if (status === unauthorized && data?.auth !== false) observer.unauthorized();
  });
  rest.on('response', listener);
  return () => rest.off('response', listener);
}

const isRest = (rest: unknown): rest is Rest =>
  typeof rest === 'object' && rest !== null && 'on' in rest && typeof rest.on === 'function';
