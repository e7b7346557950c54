// A bot that speaks the child protocol: says hello, is ready, sends heartbeats, comes back to a new supervisor.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const { DROAS_KEY: key } = JSON.parse(readFileSync(process.env.DROAS_SECRETS, 'utf8'));
const line = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;

function open() {
  const socket = connect(process.env.DROAS_SOCKET, () => {
    socket.write(line({ id: 1, method: 'hello', params: { protocol: [1], run: process.env.DROAS_RUN, key } }));
    socket.write(line({ method: 'ready', params: {} }));
  });
  const beat = setInterval(() => socket.write(line({ method: 'heartbeat', params: {} })), 100);
  socket
    .on('error', () => {})
    .on('close', () => {
      clearInterval(beat);
      setTimeout(open, 50);
    });
  socket.resume();
}
open();
