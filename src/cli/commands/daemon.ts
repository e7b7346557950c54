import type { Context } from '../context.ts';
import { serve } from '../serve.ts';

export async function daemon(context: Context, options: { config?: string }): Promise<number> {
  return serve(context, { configPath: await context.wiring.findConfig(options.config), foreground: false });
}
