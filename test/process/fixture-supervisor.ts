/** A supervisor that starts three bots, prints their pids, and waits to be killed. */
import { join } from 'node:path';
import { createSpawner } from '../../src/adapters/process/index.ts';
import { createClock } from '../../src/adapters/system/clock.ts';

const [state = ''] = process.argv.slice(2);
const spawner = createSpawner({ stateDirectory: state, clock: createClock(), onOddity: console.error });
const started = `echo started >>${join(state, 'starts')}`;
const scripts = {
  alive: 'exec sleep 1000',
  ends: `until [ -e ${join(state, 'go')} ]; do sleep 0.01; done; exit 6`,
  music: 'exec sleep 1000',
};
const children = await Promise.all(
  Object.entries(scripts).map(([bot, script]) =>
    spawner.spawn(
      {
        bot,
        incarnation: 1,
        command: ['sh', '-c', `${started}; ${script}`],
        cwd: state,
        env: { PATH: process.env['PATH'] ?? '' },
        specHash: 'a',
        keyHash: 'b',
        oomScoreAdj: 0,
      },
      { exited() {}, treeEmpty() {} },
    ),
  ),
);
console.log(JSON.stringify(children.map(({ pid }) => pid)));
setInterval(() => {}, 60_000);
