import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { assess, type Circumstances, unremarkable } from '../../src/core/health/assess.ts';
import type { Assessment } from '../../src/core/health/assessment.ts';
import type { Evidence, GatewayEvidence } from '../../src/core/health/evidence.ts';
import type { HealthPolicy } from '../../src/core/health/policy.ts';
import { healthPolicy } from './policies.ts';

const nowMs = 1_000_000;
const intervalMs = 45_000;
const probePolicy: HealthPolicy = {
  ...healthPolicy,
  probe: { kind: 'tcp', target: 'localhost:1', command: [], intervalMs: 8_000, timeoutMs: 2_000 },
};
/** 3 × (8 s + 2 s) */
const patienceMs = 30_000;

const connected: GatewayEvidence = {
  state: 'ready',
  sinceMs: nowMs - 500_000,
  lastReadyMs: nowMs,
  lastAckMs: nowMs - 10_000,
  intervalMs,
  latencyMs: 100,
  closeCode: null,
  guilds: 3,
  attemptsMs: [nowMs - 500_000],
};
/** A bot that nothing is known of but that it is ready. */
const mute: Evidence = {
  sinceMs: nowMs - 600_000,
  ready: true,
  sdk: false,
  heartbeat: null,
  gateway: null,
  probe: null,
  memory: null,
  work: null,
  model: null,
};
const fine: Evidence = { ...mute, sdk: true, heartbeat: { lastMs: nowMs - 1_000, loopLagMs: 3 }, gateway: connected };
const withGateway = (some: Partial<GatewayEvidence>): Evidence => ({ ...fine, gateway: { ...connected, ...some } });
const reconnecting = (lostForMs: number): Evidence =>
  withGateway({ state: 'resuming', sinceMs: nowMs - 1, lastReadyMs: nowMs - lostForMs, closeCode: 4000 });
const withProbe = (outcome: 'passed' | 'failed' | 'broken', failuresInARow = 0, agoMs = 1_000): Evidence => ({
  ...mute,
  probe: { lastMs: nowMs - agoMs, outcome, failuresInARow, detail: outcome === 'passed' ? null : 'ECONNREFUSED' },
});
const using = (bytes: number, limitBytes: number | null, overLimitSinceMs: number | null = null): Evidence => ({
  ...fine,
  memory: { bytes, limitBytes, overLimitSinceMs },
});

const judge = (evidence: Evidence, circumstances: Partial<Circumstances> = {}, policy = healthPolicy): Assessment =>
  assess(evidence, policy, nowMs, { ...unremarkable, ...circumstances });
const outage = { endedMs: null };

type Expected = {
  readonly health: Assessment['health'];
  readonly reason: RegExp;
  /** From now; null: never by silence. */
  readonly nextInMs: number | null;
  readonly cause?: 'hung' | 'fatal' | 'memory';
  readonly stability?: Assessment['stability'];
};
const stabilityOf = { healthy: 'counts', degraded: 'pauses', unhealthy: 'resets', unknown: 'pauses' } as const;

function expectAssessment(actual: Assessment, { health, reason, nextInMs, cause, stability }: Expected): void {
  assert.equal(actual.health, health, actual.reasons.join('; '));
  assert.match(actual.reasons[0] ?? '', reason);
  assert.equal(actual.nextMs, nextInMs === null ? null : nowMs + nextInMs);
  assert.equal(actual.condemn?.cause, cause);
  assert.equal(actual.condemn?.sentence, cause === undefined ? undefined : actual.reasons[0]);
  assert.equal(actual.stability, stability ?? stabilityOf[health]);
}

describe('evidence of a heartbeat', () => {
  const beat = (agoMs: number, loopLagMs: number | null = 3): Evidence => ({
    ...fine,
    heartbeat: { lastMs: nowMs - agoMs, loopLagMs },
  });

  test('all is well: Healthy until the heartbeat would be overdue', () => {
    expectAssessment(judge(fine), {
      health: 'healthy',
      reason: /connected to Discord, heartbeats acknowledged/,
      nextInMs: 14_000,
    });
  });

  test('two misses are no fault yet, the third is', () => {
    expectAssessment(judge(beat(14_999)), { health: 'healthy', reason: /connected/, nextInMs: 1 });
    const dead = judge(beat(15_000));
    assert.equal(dead.condemn?.cause, 'hung');
    assert.equal(dead.condemn?.sentence, 'no heartbeat for 15.0 s (limit 3 × 5 s)');
    assert.equal(dead.stability, 'resets');
  });

  test('a silent bot is condemned during an outage too', () => {
    assert.equal(judge(beat(15_000), { outage }).condemn?.cause, 'hung');
  });

  test('nothing is overdue before its deadline from adoption', () => {
    const adopted = { ...beat(99_000), sinceMs: nowMs - 4_000 };
    assert.equal(judge(adopted).condemn, null);
    assert.equal(judge({ ...adopted, sinceMs: nowMs - 15_000 }).condemn?.cause, 'hung');
  });

  test('an SDK bot that never sent one is condemned as if its start had been one', () => {
    const silent = { ...fine, heartbeat: null };
    assert.equal(judge({ ...silent, sinceMs: nowMs - 14_999 }).condemn, null);
    assert.equal(judge({ ...silent, sinceMs: nowMs - 15_000 }).condemn?.cause, 'hung');
  });

  test('an event loop that lags is Degraded beyond the warning, not at it', () => {
    assert.equal(judge(beat(1_000, 500)).health, 'healthy');
    assert.equal(judge(beat(1_000, null)).health, 'healthy');
    expectAssessment(judge(beat(1_000, 501)), {
      health: 'degraded',
      reason: /event loop lags 501 ms \(warning from 500 ms\)/,
      nextInMs: 14_000,
    });
  });

  test('a Discord bot with nothing but a heartbeat is Unknown and stable by uptime; a service is Healthy', () => {
    const alive = { ...fine, gateway: null };
    expectAssessment(judge(alive), {
      health: 'unknown',
      reason: /no word of its gateway.*by uptime only/,
      nextInMs: 14_000,
      stability: 'counts',
    });
    assert.equal(judge({ ...alive, sdk: false }).health, 'unknown');
    expectAssessment(judge(alive, { discord: false }), {
      health: 'healthy',
      reason: /heartbeat fresh/,
      nextInMs: 14_000,
    });
    assert.equal(judge({ ...alive, probe: withProbe('passed').probe }, {}, probePolicy).health, 'healthy');
  });
});

describe('evidence of the gateway', () => {
  test('an acknowledgement is late from 1.5 intervals and dead from 2.2', () => {
    const acked = (agoMs: number) =>
      judge({ ...withGateway({ lastAckMs: nowMs - agoMs }), heartbeat: { lastMs: nowMs, loopLagMs: null } });
    assert.equal(acked(67_499).health, 'healthy');
    expectAssessment(acked(67_500), {
      health: 'degraded',
      reason: /not acknowledged a heartbeat for 67\.5 s/,
      nextInMs: 15_000,
    });
    assert.equal(acked(98_999).health, 'degraded');
    assert.equal(acked(98_999).nextMs, nowMs + 1);
    const dead = acked(99_000);
    assert.equal(dead.condemn?.cause, 'hung');
    assert.equal(dead.reasons[0], 'Discord has not acknowledged a heartbeat for 99.0 s (limit 2.2 × 45.0 s)');
  });

  test('a new connection, or a new supervisor, has a full interval of grace', () => {
    const old = { lastAckMs: nowMs - 400_000 };
    assert.equal(judge(withGateway(old)).health, 'unhealthy');
    assert.equal(judge(withGateway({ ...old, sinceMs: nowMs - 60_000 })).health, 'healthy');
    assert.equal(judge(withGateway({ lastAckMs: null, sinceMs: nowMs - 60_000 })).health, 'healthy');
    assert.equal(judge({ ...withGateway(old), sinceMs: nowMs - 60_000 }).health, 'healthy');
  });

  test('without an interval nobody can say that an acknowledgement is late', () => {
    expectAssessment(judge(withGateway({ intervalMs: null, lastAckMs: null })), {
      health: 'healthy',
      reason: /^connected to Discord$/,
      nextInMs: 14_000,
    });
  });

  test('high latency is Degraded beyond the warning, not at it', () => {
    assert.equal(judge(withGateway({ latencyMs: 1_000 })).health, 'healthy');
    assert.equal(judge(withGateway({ latencyMs: null })).health, 'healthy');
    const slow = judge(withGateway({ latencyMs: 1_001 }));
    expectAssessment(slow, {
      health: 'degraded',
      reason: /answers after 1001 ms \(warning from 1000 ms\)/,
      nextInMs: 14_000,
    });
  });

  for (const state of ['connecting', 'identifying', 'resuming', 'disconnected'] as const) {
    test(`${state} after readiness is Degraded until the reconnect deadline, then hung`, () => {
      const lost = (ms: number): Evidence => ({
        ...withGateway({ state, sinceMs: nowMs - 5, lastReadyMs: nowMs - ms, closeCode: 4000 }),
        heartbeat: { lastMs: nowMs, loopLagMs: null },
      });
      expectAssessment(judge(lost(119_999)), {
        health: 'degraded',
        reason: new RegExp(`for 120.0 s \\(${state}; limit 120.0 s\\)`),
        nextInMs: 1,
      });
      const hung = judge(lost(120_000));
      assert.equal(hung.condemn?.cause, 'hung');
      assert.equal(hung.condemn?.closeCode, 4000);
    });

    test(`${state} before readiness is no fault`, () => {
      const connecting = { ...withGateway({ state, lastReadyMs: null }), ready: false };
      expectAssessment(judge(connecting), {
        health: 'unknown',
        reason: new RegExp(`gateway connection: ${state}`),
        nextInMs: 14_000,
      });
    });
  }

  test('a bot that never was connected has the reconnect time from its start', () => {
    const never = (agoMs: number): Evidence => ({
      ...withGateway({ state: 'connecting', lastReadyMs: null }),
      sinceMs: nowMs - agoMs,
    });
    assert.equal(judge(never(119_999)).health, 'degraded');
    assert.equal(judge(never(120_000)).condemn?.cause, 'hung');
  });

  test('a fatal close code condemns a process that lives on, also before readiness and during an outage', () => {
    for (const ready of [true, false]) {
      const refused = judge({ ...withGateway({ state: 'disconnected', closeCode: 4014 }), ready }, { outage });
      assert.equal(refused.health, 'unhealthy');
      assert.equal(refused.condemn?.cause, 'fatal');
      assert.equal(refused.condemn?.closeCode, 4014);
      assert.match(refused.condemn?.remedy ?? '', /Privileged Gateway Intents/);
      assert.equal(refused.stability, 'resets');
    }
    assert.equal(judge(withGateway({ state: 'fatal' })).condemn?.cause, 'fatal');
    assert.equal(judge(withGateway({ state: 'ready', closeCode: 4014 })).health, 'healthy');
  });

  test('fatal is said before hung', () => {
    const both = {
      ...withGateway({ state: 'fatal', closeCode: 4004 }),
      heartbeat: { lastMs: nowMs - 60_000, loopLagMs: null },
    };
    assert.equal(judge(both).condemn?.cause, 'fatal');
  });

  test('more than 20 connection attempts within a minute are a storm, also before readiness', () => {
    const attempts = (count: number, newestAgoMs = 0): Evidence => ({
      ...withGateway({
        state: 'connecting',
        attemptsMs: Array.from({ length: count }, (_, i) => nowMs - newestAgoMs - (count - 1 - i) * 500),
      }),
      ready: false,
    });
    assert.equal(judge(attempts(20)).condemn, null);
    const storm = judge(attempts(21));
    assert.equal(storm.condemn?.cause, 'hung');
    assert.equal(storm.reasons[0], '21 connection attempts within a minute (limit 20)');
    assert.equal(judge(attempts(21, 49_999)).condemn?.cause, 'hung');
    assert.equal(judge(attempts(21, 50_000)).condemn, null);
  });

  test('a storm is over when its oldest surplus attempt is a minute old', () => {
    const attemptsMs = Array.from({ length: 22 }, (_, i) => nowMs - 50_000 + i * 1_000);
    const evidence = withGateway({ attemptsMs });
    const { condemn, nextMs } = judge({ ...evidence, heartbeat: { lastMs: nowMs, loopLagMs: null } });
    assert.equal(condemn?.cause, 'hung');
    assert.equal(nextMs, nowMs + 11_000);
  });
});

describe('evidence of a probe', () => {
  const probed = (evidence: Evidence, circumstances: Partial<Circumstances> = {}) =>
    judge(evidence, circumstances, probePolicy);

  test('one that passed makes Healthy, until the supervisor fails to ask', () => {
    expectAssessment(probed(withProbe('passed')), {
      health: 'healthy',
      reason: /^probe passed$/,
      nextInMs: patienceMs - 1_000,
    });
    assert.equal(probed(withProbe('passed', 0, patienceMs - 1)).health, 'healthy');
    expectAssessment(probed(withProbe('passed', 0, patienceMs)), {
      health: 'unknown',
      reason: /supervisor has not probed for 30.0 s/,
      nextInMs: null,
    });
  });

  test('one failure changes nothing, two degrade, three condemn', () => {
    const said = /^probe failed . × in a row \(limit 3\): ECONNREFUSED$/;
    const nextInMs = patienceMs - 1_000;
    expectAssessment(probed(withProbe('failed', 1)), { health: 'healthy', reason: said, nextInMs });
    expectAssessment(probed(withProbe('failed', 2)), { health: 'degraded', reason: said, nextInMs });
    expectAssessment(probed(withProbe('failed', 3)), { health: 'unhealthy', reason: said, nextInMs, cause: 'hung' });
  });

  test('a probe that could not run is our fault: Unknown, stability pauses', () => {
    const broken = probed(withProbe('broken', 9));
    expectAssessment(broken, {
      health: 'unknown',
      reason: /probe itself could not run: ECONNREFUSED/,
      nextInMs: patienceMs - 1_000,
    });
    const connectedToo = probed({ ...fine, probe: withProbe('broken').probe });
    assert.equal(connectedToo.health, 'unknown');
    assert.equal(connectedToo.stability, 'pauses');
  });

  test('failures that nobody repeated do not condemn for ever', () => {
    assert.equal(probed(withProbe('failed', 3, patienceMs)).condemn, null);
  });

  test('before its first answer the bot is Unknown', () => {
    expectAssessment(probed(mute), { health: 'unknown', reason: /has not answered yet/, nextInMs: null });
  });

  test('an adopted bot is asked anew before its old answer is stale', () => {
    assert.equal(probed({ ...withProbe('passed', 0, 99_000), sinceMs: nowMs - 5_000 }).health, 'healthy');
  });

  test('before readiness, and without a configured probe, it says nothing', () => {
    assert.equal(probed({ ...withProbe('failed', 3), ready: false }).condemn, null);
    assert.equal(judge(withProbe('failed', 3)).condemn, null);
  });
});

describe('evidence of memory', () => {
  test('beyond 80 % of the limit is Degraded, at 80 % it is not', () => {
    assert.equal(judge(using(80e6, 100e6)).health, 'healthy');
    expectAssessment(judge(using(81e6, 100e6)), {
      health: 'degraded',
      reason: /^memory 81 MB of 100 MB$/,
      nextInMs: 14_000,
    });
  });

  test('over the limit is condemned when it lasts 60 s', () => {
    const over = (forMs: number): Evidence => ({
      ...using(120e6, 100e6, nowMs - forMs),
      heartbeat: { lastMs: nowMs, loopLagMs: 0 },
    });
    expectAssessment(judge(over(59_999)), {
      health: 'degraded',
      reason: /120 MB of 100 MB, over the limit for 60.0 s/,
      nextInMs: 1,
    });
    const condemned = judge(over(60_000));
    assert.equal(condemned.condemn?.cause, 'memory');
    assert.match(condemned.condemn?.remedy ?? '', /memoryLimit/);
  });

  test('without a limit much memory is only mentioned, and proves nothing', () => {
    assert.equal(judge(using(256e6, null)).reasons.length, 2);
    const heavy = judge(using(257e6, null));
    assert.equal(heavy.health, 'healthy');
    assert.match(heavy.reasons.at(-1) ?? '', /memory 257 MB without a limit \(noted from 256 MB\)/);
    const foreign = judge({ ...mute, memory: { bytes: 257e6, limitBytes: null, overLimitSinceMs: null } });
    expectAssessment(foreign, { health: 'unknown', reason: /no evidence/, nextInMs: null, stability: 'counts' });
    assert.equal(foreign.reasons.length, 2);
  });

  test('a foreign bot over its limit is condemned although nothing else is known of it', () => {
    assert.equal(
      judge({ ...using(120e6, 100e6, nowMs - 60_000), ...mute, memory: using(120e6, 100e6, nowMs - 60_000).memory })
        .condemn?.cause,
      'memory',
    );
  });
});

describe('evidence of its own work', () => {
  const working = (some: Partial<Evidence>): Evidence => ({ ...fine, ...some });

  test('that fails too often is Degraded, and never a reason to end the bot', () => {
    expectAssessment(judge(working({ work: { done: 1, failed: 9, failing: true } })), {
      health: 'degraded',
      reason: /^9 of 10 requests failed within 5 min/,
      nextInMs: 14_000,
    });
  });

  test('with a model that refuses it, or cannot be reached, is Degraded', () => {
    assert.equal(judge(working({ model: { reachable: true, refusal: 404 } })).health, 'degraded');
    assert.equal(judge(working({ model: { reachable: false, refusal: null } })).health, 'degraded');
  });

  test('that goes well is mentioned, and proves nothing', () => {
    const well = { work: { done: 9, failed: 0, failing: false }, model: { reachable: true, refusal: null } };
    const { health, reasons } = judge(working(well));
    assert.equal(health, 'healthy');
    assert.deepEqual(reasons.slice(-2), ['9 requests done within 5 min', 'the language model answers']);
    assert.equal(judge({ ...mute, ...well }).health, 'unknown');
  });
});

describe('the worst finding', () => {
  test('decides: Unhealthy before Degraded, Degraded before Unknown', () => {
    const silent = { ...reconnecting(5_000), heartbeat: { lastMs: nowMs - 15_000, loopLagMs: null } };
    assert.match(judge(silent).reasons[0] ?? '', /no heartbeat/);
    assert.equal(judge(silent).health, 'unhealthy');
    const connecting = { ...using(90e6, 100e6), ready: false, gateway: { ...connected, state: 'connecting' as const } };
    assert.match(judge(connecting).reasons[0] ?? '', /memory 90 MB/);
    assert.equal(judge(connecting).health, 'degraded');
  });

  test('is followed by all the others', () => {
    const { reasons } = judge({ ...withGateway({ latencyMs: 2_000 }), memory: using(90e6, 100e6).memory });
    assert.deepEqual(
      reasons.map((reason) => reason.split(' ')[0]),
      ['Discord', 'memory', 'connected', 'heartbeat'],
    );
  });
});

describe('a bot without evidence', () => {
  test('is Unknown, never condemned, and stable by uptime only', () => {
    expectAssessment(judge(mute), {
      health: 'unknown',
      reason: /neither SDK nor probe; stable by uptime only/,
      nextInMs: null,
      stability: 'counts',
    });
    assert.equal(assess(mute, healthPolicy, nowMs + 1e9).condemn, null);
  });
});

describe('a bot that is not ready yet', () => {
  const young: Evidence = { ...mute, ready: false, sinceMs: nowMs - 59_000 };

  test('is Unknown until its start-up deadline', () => {
    expectAssessment(judge(young, { startDeadlineMs: nowMs + 1_000 }), {
      health: 'unknown',
      reason: /not ready 59.0 s after its start/,
      nextInMs: 1_000,
    });
    expectAssessment(judge(young), { health: 'unknown', reason: /not ready/, nextInMs: null });
  });

  test('is hung at the deadline, unless an outage excuses it', () => {
    const late = judge(young, { startDeadlineMs: nowMs });
    expectAssessment(late, {
      health: 'unhealthy',
      reason: /59.0 s after its start \(limit 59.0 s\)/,
      nextInMs: null,
      cause: 'hung',
    });
    assert.equal(judge(young, { startDeadlineMs: nowMs, outage }).condemn, null);
    const ended = (agoMs: number) => judge(young, { startDeadlineMs: nowMs, outage: { endedMs: nowMs - agoMs } });
    assert.equal(ended(58_999).condemn, null);
    assert.equal(ended(59_000).condemn?.cause, 'hung');
  });
});

describe('an IDENTIFY budget', () => {
  test('below 200 is Degraded', () => {
    assert.equal(judge(fine, { identifiesLeft: 200 }).health, 'healthy');
    expectAssessment(judge(fine, { identifiesLeft: 199 }), {
      health: 'degraded',
      reason: /199 IDENTIFYs left today \(warning below 200\)/,
      nextInMs: 14_000,
    });
  });
});

describe('an outage', () => {
  const stormy = withGateway({ attemptsMs: Array.from({ length: 30 }, (_, i) => nowMs - 30_000 + i * 1_000) });
  const rows: readonly [string, Evidence, HealthPolicy, allowanceMs: number][] = [
    ['a lost connection', reconnecting(300_000), healthPolicy, healthPolicy.reconnectMs],
    ['a missing acknowledgement', withGateway({ lastAckMs: nowMs - 300_000 }), healthPolicy, 2.2 * intervalMs],
    ['a connection storm', stormy, healthPolicy, 60_000],
    ['a failing probe', withProbe('failed', 3), probePolicy, patienceMs],
  ];
  for (const [what, evidence, policy, allowanceMs] of rows) {
    test(`excuses ${what} while it lasts, and for its normal time afterwards`, () => {
      assert.equal(judge(evidence, {}, policy).condemn?.cause, 'hung');
      const during = judge(evidence, { outage }, policy);
      assert.equal(during.health, 'degraded');
      assert.match(during.reasons[0] ?? '', /excused by the outage$/);
      const ended = (agoMs: number) => judge(evidence, { outage: { endedMs: nowMs - agoMs } }, policy);
      assert.equal(ended(allowanceMs - 1).health, 'degraded');
      assert.ok((ended(allowanceMs - 1).nextMs ?? 0) <= nowMs + 1);
      assert.equal(ended(allowanceMs).condemn?.cause, 'hung');
    });
  }
});

describe('whatever the evidence', () => {
  const past = fc.integer({ min: 0, max: 400_000 }).map((agoMs) => nowMs - agoMs);
  const gateway = fc.record({
    state: fc.constantFrom('connecting', 'identifying', 'ready', 'resuming', 'disconnected', 'fatal'),
    sinceMs: past,
    lastReadyMs: fc.option(past),
    lastAckMs: fc.option(past),
    intervalMs: fc.option(fc.constant(intervalMs)),
    latencyMs: fc.option(fc.nat({ max: 2_000 })),
    closeCode: fc.option(fc.constantFrom(1006, 4000, 4004)),
    guilds: fc.constant(null),
    attemptsMs: fc.array(past, { maxLength: 40 }).map((times) => times.toSorted((a, b) => a - b)),
  }) as fc.Arbitrary<GatewayEvidence>;
  const evidences: fc.Arbitrary<Evidence> = fc.record({
    sinceMs: past,
    ready: fc.boolean(),
    sdk: fc.boolean(),
    heartbeat: fc.option(fc.record({ lastMs: past, loopLagMs: fc.option(fc.nat({ max: 1_000 })) })),
    gateway: fc.option(gateway),
    probe: fc.option(
      fc.record({
        lastMs: past,
        outcome: fc.constantFrom('passed' as const, 'failed' as const, 'broken' as const),
        failuresInARow: fc.nat({ max: 4 }),
        detail: fc.option(fc.string()),
      }),
    ),
    memory: fc.option(
      fc.record({
        bytes: fc.nat({ max: 3e8 }),
        limitBytes: fc.option(fc.constant(1e8)),
        overLimitSinceMs: fc.option(past),
      }),
    ),
    work: fc.option(fc.record({ done: fc.nat(), failed: fc.nat(), failing: fc.boolean() })),
    model: fc.option(fc.record({ reachable: fc.boolean(), refusal: fc.option(fc.nat({ max: 599 })) })),
  });
  const circumstances: fc.Arbitrary<Circumstances> = fc.record({
    startDeadlineMs: fc.option(fc.integer({ min: nowMs - 60_000, max: nowMs + 60_000 })),
    discord: fc.boolean(),
    identifiesLeft: fc.option(fc.nat({ max: 400 })),
    outage: fc.option(fc.record({ endedMs: fc.option(past) })),
  });
  const policies = fc.constantFrom(healthPolicy, probePolicy);

  test('exactly Unhealthy condemns, there is a reason, and the next change lies ahead', () => {
    fc.assert(
      fc.property(evidences, policies, circumstances, (evidence, policy, around) => {
        const { health, reasons, condemn, stability, nextMs } = assess(evidence, policy, nowMs, around);
        assert.equal(condemn !== null, health === 'unhealthy');
        assert.ok(reasons.length > 0 && reasons.every((reason) => reason.length > 0));
        assert.ok(nextMs === null || nextMs > nowMs);
        assert.equal(stability === 'counts', health === 'healthy' || (health === 'unknown' && stability !== 'pauses'));
        assert.equal(stability === 'resets', health === 'unhealthy');
      }),
      { numRuns: 1_000 },
    );
  });

  test('silence changes nothing before the announced moment', () => {
    const facts = ({ health, condemn, stability }: Assessment) => [health, condemn?.cause, stability];
    fc.assert(
      fc.property(
        evidences,
        policies,
        circumstances,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (evidence, policy, around, share) => {
          const first = assess(evidence, policy, nowMs, around);
          const untilMs = first.nextMs ?? nowMs + 10_000_000;
          const laterMs = Math.min(nowMs + Math.floor(share * (untilMs - nowMs)), untilMs - 1);
          assert.deepEqual(facts(assess(evidence, policy, Math.max(laterMs, nowMs), around)), facts(first));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
