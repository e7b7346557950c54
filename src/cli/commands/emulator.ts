import type { Context } from '../context.ts';
import { exitCode } from '../exit-code.ts';
import type { EmulatorWishes } from '../wiring.ts';

export async function emulator({ output, wiring }: Context, options: EmulatorWishes): Promise<number> {
  const signal = ended();
  const running = await wiring.startEmulator(options);
  const { url, gatewayUrl, llmUrl, pageUrl, seed, applications, warnings } = running;
  output.data({ apiVersion: 'v1', url, gatewayUrl, llmUrl, pageUrl, seed, applications });
  output.line(`Discord (REST)     ${url}`);
  output.line(`Discord (gateway)  ${gatewayUrl}`);
  output.line(`Model (OpenAI)     ${llmUrl}`);
  output.line(`Page               ${pageUrl}`);
  output.line(`Seed of faults     ${seed}`);
  for (const { name, token, channelIds } of applications) {
    output.line(`Application        ${name}, channel ${channelIds.join(', ')}`);
    output.line(`Its token          ${token}   (worth nothing outside this emulator)`);
  }
  for (const warning of warnings) output.warning(warning);
  output.progress('Ctrl-C ends it; nothing is kept.');
  const name = await signal;
  await running.close();
  return name === 'SIGINT' ? exitCode.interrupted : exitCode.done;
}

const ended = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    const end = (signal: NodeJS.Signals) => {
      process.off('SIGINT', end).off('SIGTERM', end);
      resolve(signal);
    };
    process.on('SIGINT', end).on('SIGTERM', end);
  });
