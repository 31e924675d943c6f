import { expect, it } from 'vitest';
import { estimates } from '../../shared/cost/estimates.ts';
import { figures } from '../../shared/cost/figures.ts';
import { unseen } from '../../shared/cost/unseen.ts';

const known = { rows: [], deployed: figures.deployed, customMetrics: 3, tableGigabytes: 10, logDays: 30 };
const count = (id: string, change: object = {}, certainty: keyof typeof estimates = 'likely') =>
  unseen({ ...known, ...change }, estimates[certainty]).find((one) => one.id === id)!.count;
const deployed = (change: object) => ({ deployed: { ...figures.deployed, ...change } });

it.each<[id: string, change: object, count: number]>([
  // 5 connections, 3 receives a minute each: 648,000 in 30 days.
  ['fifoQueueRequest', deployed({ fifoPollers: 1 }), 648_000],
  ['standardQueueRequest', deployed({ standardPollers: 2 }), 1_296_000],
  // R = B / D × (2P + C), as the SQS developer guide has it; and 8,640 times five minutes.
  [
    'keyRequest',
    deployed({ dataKeySeconds: 86_400, rolesThatSend: 2, rolesThatReceive: 1, rolesOnTables: 0, topics: 0 }),
    30 * 5,
  ],
  [
    'keyRequest',
    deployed({ dataKeySeconds: 86_400, rolesThatSend: 0, rolesThatReceive: 0, rolesOnTables: 4, topics: 1 }),
    8_640 * (4 + 2),
  ],
  ['recoveryGigabyteMonth', deployed({ tables: 4, tablesWithRecovery: 3 }), 7.5],
  ['metricMonth', {}, 3],
  ['alarmMonth', deployed({ alarmMetrics: 83 }), 83],
])('%s: %j', (id, change, expected) => {
  expect(count(id, change)).toBeCloseTo(expected, 6);
});

it('metrics that count what goes wrong are paid when all goes wrong', () => {
  expect(count('metricMonth', deployed({ ownMetrics: 16 }), 'high')).toBe(16);
});

it('says of each how it comes about, and where AWS says so', () => {
  for (const { how, source, what } of unseen(known, estimates.likely)) {
    expect([what, how !== '', source !== '']).toEqual([what, true, true]);
  }
});
