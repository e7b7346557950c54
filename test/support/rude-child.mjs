// A bot that misuses its socket in every way it can think of, one after the other, and goes on living.
import { connect } from 'node:net';

const open = (talk) =>
  new Promise((resolve) => {
    const socket = connect(process.env.DROAS_SOCKET, () => talk(socket));
    socket.on('error', resolve).on('close', resolve).resume();
  });

await open((socket) => socket.write('this is not JSON\n'));
await open((socket) => socket.end('{"jsonrpc":"2.0","method":"hel'));
await open((socket) => socket.write('x'.repeat(1024 * 1024)));
const hello = {
  jsonrpc: '2.0',
  id: 1,
  method: 'hello',
  params: { protocol: [1], run: process.env.DROAS_RUN, key: 'stolen-key' },
};
await open((socket) => socket.write(`${JSON.stringify(hello)}\n`));
setInterval(() => {}, 1000);
