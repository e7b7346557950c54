/** A supervisor inside a bot, on the state directory that the bot belongs to: tells the bot's tree before and after a kill. */
import { createSpawner } from '../../src/adapters/process/index.ts';
import { clock, observe, until } from './support.ts';

const [state = ''] = process.argv.slice(2);
const spawner = createSpawner({ stateDirectory: state, clock, onOddity: console.error });
const {
  survivors: [survivor],
} = await spawner.survey();
const inner = await spawner.spawn(
  {
    bot: 'inner',
    incarnation: 1,
    command: ['sleep', '1000'],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
    specHash: 'a',
    keyHash: 'b',
    oomScoreAdj: 0,
  },
  observe(),
);
const outer = survivor?.adopt(observe());
console.log(JSON.stringify(outer?.tree()));
outer?.killTree();
await until('the rest is gone', () => outer?.tree().length === 0);
console.log(JSON.stringify(outer?.tree()));
console.log(inner.pid);
setInterval(() => {}, 60_000);
