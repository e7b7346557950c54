// A bot that reports figures beyond all reason.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const { DROAS_KEY: key } = JSON.parse(readFileSync(process.env.DROAS_SECRETS, 'utf8'));
const line = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const socket = connect(process.env.DROAS_SOCKET, () => {
  socket.write(line({ id: 1, method: 'hello', params: { protocol: [1], run: process.env.DROAS_RUN, key } }));
  const lies = {
    state: 'ready',
    identifiesLeft: 0,
    identifiesResetMs: 1e300,
    latencyMs: 1e300,
    ackAgeMs: 1e300,
    guilds: 1e300,
  };
  for (const [name, value] of Object.entries(lies)) {
    socket.write(line({ method: 'gateway', params: { state: 'ready', [name]: value } }));
  }
  setTimeout(() => console.log('all lies are told'), 200);
});
socket.on('error', () => {}).resume();
setInterval(() => {}, 1000);
