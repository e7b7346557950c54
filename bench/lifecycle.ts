import { startAssistants } from './lifecycle/assistants.ts';
import { commandLine } from './lifecycle/command-line.ts';
import { deaths } from './lifecycle/deaths.ts';
import { health, healthInProcess } from './lifecycle/health.ts';
import { journalAppends } from './lifecycle/journal.ts';
import { operations } from './lifecycle/operations.ts';
import { recovery } from './lifecycle/recovery.ts';
import { memoryAfterwards, resources } from './lifecycle/resources.ts';
import { serviceNames, startServices } from './lifecycle/services.ts';
import type { Ground } from './support/ground.ts';
import type { Report } from './support/section.ts';

/** How often each thing is done. */
const full = { operationRounds: 30, deathRounds: 30, healthRounds: 3_000, commits: 2_000, runs: 20, crashes: 30 };
const short = { operationRounds: 5, deathRounds: 5, healthRounds: 1_000, commits: 500, runs: 5, crashes: 8 };

/** What it costs to start, stop, watch and lose bots: ten of them, on one machine. */
export async function lifecycle(report: Report, ground: Ground, isShort: boolean): Promise<void> {
  const { operationRounds, deathRounds, healthRounds, commits, runs, crashes } = isShort ? short : full;
  await report.attempt('services', async () => {
    await using fleet = await startServices(ground);
    await report.part('operations', () => operations(fleet, operationRounds));
    for (const name of serviceNames) await fleet.client.ask('POST', `/api/v1/bots/${name}/start?wait=10s`);
    await report.part('health', () => health(fleet, healthRounds));
    await report.part('deaths', () => deaths(fleet, deathRounds));
    await report.part('command line', () => commandLine(ground, fleet, runs));
  });
  await report.part('health in process', () => healthInProcess(ground, healthRounds));
  await report.part('journal', () => journalAppends(ground, commits));
  await report.attempt('assistants', async () => {
    const assistants = await startAssistants(ground);
    await using _ = assistants.fleet;
    await report.part('resources', () => resources(assistants));
    await report.part('recovery', () => recovery(assistants, crashes));
    await report.part('memory afterwards', () => memoryAfterwards(assistants));
  });
}
