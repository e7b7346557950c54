// A bot whose whole life is one message: Discord refuses its intents, and it exits at once.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const { DROAS_KEY: key } = JSON.parse(readFileSync(process.env.DROAS_SECRETS, 'utf8'));
const line = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const hello = { id: 1, method: 'hello', params: { protocol: [1], run: process.env.DROAS_RUN, key } };
const refused = { method: 'gateway', params: { state: 'fatal', closeCode: 4014 } };
const socket = connect(process.env.DROAS_SOCKET, () => {
  socket.write(line(hello) + line(refused), () => process.exit(1));
});
