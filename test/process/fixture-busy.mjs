/** Busy for 0.1 s of processor time, says so, then waits until its input ends. */
while (process.cpuUsage().user < 100_000);
process.stdout.write('busy\n');
process.stdin.resume();
