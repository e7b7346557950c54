import type { Context } from '../context.ts';

export async function validate({ output, wiring }: Context, file: string | undefined): Promise<number> {
  const path = await wiring.findConfig(file);
  const { bots, services, capacity } = await wiring.checkConfig(path);
  output.data({ apiVersion: 'v1', config: path, bots, services, capacity });
  const beside = services === 0 ? '' : `, ${services} service${services === 1 ? '' : 's'}`;
  output.line(`${output.mark('done')} ${path}: ${bots} of at most ${capacity} bots${beside}, no errors`);
  return 0;
}

export async function schema({ terminal, wiring }: Context): Promise<number> {
  terminal.out.write(`${JSON.stringify(await wiring.configSchema(), null, 2)}\n`);
  return 0;
}
