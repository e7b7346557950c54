import type { Context } from '../context.ts';

export async function version({ output, wiring }: Context): Promise<number> {
  output.data({ apiVersion: 'v1', version: wiring.version, node: process.versions.node });
  output.line(`droas ${wiring.version} (node ${process.versions.node})`);
  return 0;
}
