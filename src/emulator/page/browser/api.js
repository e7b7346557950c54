/** What the emulator said about a request that it refused. */
export class Refused extends Error {}

/**
 * @param {string} method @param {string} path below `/emulator/` @param {unknown} [body]
 * @returns {Promise<any>}
 */
async function request(method, path, body) {
  const init =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`/emulator/${path}`, { method, ...init });
  const text = await response.text();
  const answer = text === '' ? null : JSON.parse(text);
  if (!response.ok)
    throw new Refused(answer?.error ?? `${method} /emulator/${path} was answered with ${response.status}`);
  return answer;
}

/** @param {string} path */
export const get = (path) => request('GET', path);
/** @param {string} path @param {unknown} body */
export const post = (path, body) => request('POST', path, body);
/** @param {string} path @param {unknown} body */
export const patch = (path, body) => request('PATCH', path, body);
/** @param {string} path @param {unknown} [body] */
export const remove = (path, body) => request('DELETE', path, body);
