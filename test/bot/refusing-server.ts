import { createServer } from 'node:net';

/** A supervisor that refuses every hello, and counts them. */
export async function refusingServer(path: string) {
  let hellos = 0;
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', () => {
        hellos++;
        socket.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no"}}\n');
      });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { hellos: () => hellos, close: () => new Promise((resolve) => server.close(resolve)) };
}
