import { expect } from 'vitest';
import { HOUR, journeyOf, MINUTE } from '../environment.ts';
import { userKey } from '../mailbox.ts';
import type { Drills, Station } from './drill.ts';

/** Pages about the doors, keys, and an environment as a whole. */
export const doorDrills: Drills = {
  async 'ingest-errors'(drill, station) {
    for (let period = 0; period < 2; period += 1) {
      await post(station, 120, 12);
      await station.pass(5);
    }
    drill.rang('events-rejected');
    expect(await drill.run('Look')).toMatch(/24 event\.\S+/);
    drill.page.names('event.…');
    const made = JSON.parse(await drill.run('Act'));
    expect(made).toMatchObject({ name: 'web shop', kind: 'ingest' });
    const [who] = await station.customers(1);
    const verified = await drill.run('Verify', { '<messageId>': `does-${who}`, '<userId>': who! });
    drill.sees(verified, 'applied');
    await drill.isOver('events-rejected');
  },

  async 'hot-profile'(drill, station) {
    const [who] = await station.customers(1);
    // A loop in an app: more than a container lets pass in a minute.
    for (let request = 0; request < 6; request += 1) await post(station, 100, 0, who!, `loop-${request}`);
    const key = userKey(who!);
    const look = await drill.run('Look', { '<userId>': who!, '<key>': key });
    expect(look).toMatch(/\S+ Looked \d+ 2026-/);
    expect(look, 'the item is this person').toContain(`"user": "${who}"`);
    drill.page.names('profile.rate');
    await station.pass(2);
    await post(station, 1, 0, who!, 'after');
    const verified = await drill.run('Verify', { '<messageId>': 'after-0', '<userId>': who! });
    expect(verified).toMatch(/"state":"(applied|no-effect)"/);
    expect(verified).toContain('0 waiting, 0 in work');
  },

  async 'canary-silent'(drill, station) {
    const { cloud } = station.env;
    const fly = async () => {
      await station.pass(5);
      return cloud.invoke('canary', {}).catch(() => 'failed');
    };
    await cloud.invoke('canary', {});
    await fly();
    drill.page.names('`canary-silent`');
    expect(station.alarms.rang('canary-silent', station.since, cloud.now()), 'it is seen, and nobody called').toBe(
      false,
    );
    for (const stuck of ['evaluate', 'send-in-app']) {
      station.mapping(stuck).enable(false);
      await fly();
      await fly();
      drill.rang('canary-silent');
      const look = await drill.run('Look');
      drill.sees(look, 'canary not seen');
      expect(look).toContain(`"stuck":"${stuck === 'evaluate' ? 'event' : 'message'}"`);
      expect(look).toContain(`${station.mapping(stuck).id}\tDisabled`);
      station.mapping(stuck).enable(true);
      await station.pass(1);
      await fly();
      expect(await drill.run('Act')).toContain('"seen": true');
      expect(await drill.run('Verify')).toContain('canary.arrived');
      await drill.isOver('canary-silent');
      station.since = cloud.now();
      // One is missing now, as after a deployment.
      await cloud.invoke('canary', {});
    }
    cloud.onCall(({ functionName, action }) =>
      functionName.endsWith('ingest') && action === 'sqs:SendMessage' ? { code: 'Broken', status: 500 } : 'pass',
    );
    expect(await fly()).toBe('failed');
    drill.rang('canary-errors');
    expect(await drill.does('logs canary')).toContain('the door answered 503');
    cloud.onCall(undefined);
    await drill.isOver('canary-errors');
  },

  async 'leaked-key'(drill, station) {
    const { cloud } = station.env;
    const { id, secret } = await station.must('POST', 'keys', { name: 'lost', kind: 'api', scopes: ['journeys:read'] });
    const look = await drill.run('Look', {}, { input: `${secret}\n` });
    expect(look, 'the hash names it').toContain(`"id": "${id}"`);
    await drill.does(`api POST "/v1/keys/$ID/rotations" '{"overlapHours":0}'`, { $ID: id });
    await cloud.advance(MINUTE);
    const filled = {
      ...{ $ID: id, $WHO: `key:${id}`, 'https://<the ingest API>': cloud.api },
      '<the time it ended>': new Date(cloud.now()).toISOString(),
    };
    const shown = await drill.run('Verify', filled, { before: `sleep() { :; }; LEAKED=${secret}`, refused: 1 });
    drill.sees(shown, '401', 'write-key.unknown', 'ended');
  },

  async 'audit-lost'(drill, station) {
    const { cloud } = station.env;
    let writes = 0;
    cloud.onCall(({ functionName, action, resource }) =>
      functionName.endsWith('api') && action === 'dynamodb:PutItem' && /audit/i.test(resource) && ++writes > 1
        ? { code: 'ResourceNotFoundException', status: 400 }
        : 'pass',
    );
    await station.must('PUT', 'kill-switches/all', { on: false });
    cloud.onCall(undefined);
    await station.pass(1);
    drill.rang('audit-outcomes-lost');
    const look = await drill.run('Look');
    drill.sees(look, 'not in the audit log');
    expect(look).toContain('/v1/kill-switches/all');
    for (let turn = 0; turn < 5; turn += 1) {
      await station.must('PUT', 'kill-switches/all', { on: false });
    }
    expect(await drill.run('Verify')).not.toContain('null');
    await drill.isOver('audit-outcomes-lost');
  },

  async 'region-outage'(drill, station) {
    const { cloud } = station.env;
    await cloud.invoke('canary', {});
    cloud.onCall(() => 'error-500');
    await station.pass(5);
    await expect(cloud.invoke('canary', {})).rejects.toThrow();
    drill.rang('canary-errors');
    cloud.onCall(undefined);
    await station.pass(15);
    expect(await drill.run('Look')).toContain('200');
    await drill.does(`api PUT /v1/kill-switches/all '{"on":true,"note":"outage"}'`);
    await station.must('PUT', 'kill-switches/all', { on: false });
    expect(await drill.run('Verify')).toContain('nothing was given up');
    await drill.isOver('canary-errors');
  },

  async 'cost-jump'(drill, station) {
    const { env } = station;
    const steps = { on: { type: 'emit', event: 'Round', next: 'end' } };
    const entry = [{ on: 'event', event: 'Round' }];
    const reentry = { again: 'after-exit', whileInside: 'ignore' };
    await env.publish(journeyOf('round', steps, { entry, reentry }));
    await station.customers(1, 'Round');
    await station.pass(3);
    drill.rang('records-parked');
    const look = await drill.run('Look', { '<id>': 'round' });
    expect(look).toContain('"entered"');
    drill.sees(JSON.stringify(await station.must('GET', 'dead-letters/parked')), 'record.too-many-hops');
    await drill.does("api POST /v1/journeys/<id>/pause '{}'", { '<id>': 'round' });
    await station.customers(1, 'Round');
    await station.pass(1);
    await drill.isOver('records-parked');
  },

  async upgrade(drill, station) {
    const [who] = await station.customers(1);
    await drill.run('Look');
    await station.env.cloud.advance(HOUR + 2 * MINUTE);
    await drill.run('Verify');
    expect(station.mailsTo(who!), 'who waited goes on').toHaveLength(2);
  },
};

/** Pages whose commands wait for jobs, for which the clock has to run: last, because it is not stopped again. */
export const movingDrills: Drills = {
  async teardown(drill, station) {
    const { env } = station;
    const { id } = await station.must('POST', 'keys', { name: 'app', kind: 'ingest' });
    await drill.run('Look');
    env.cloud.thaw();
    await drill.run('Act', { 'journeys/<id>': 'journeys/sms', 'keys/<id>': `keys/${id}` });
    const { data } = await station.must('GET', 'journeys');
    expect(data.find((journey: { id: string }) => journey.id === 'sms').state).toMatch(/draining|stopped/);
    expect((await station.must('GET', 'keys')).data.map((key: { id: string }) => key.id)).not.toContain(id);
  },

  async move(drill, station) {
    station.env.cloud.thaw();
    await drill.run('Look');
    // Into the environment itself: what the rows are, not where they go, is what can be wrong.
    await drill.run('Act', { '<new>': 'local', '<old>': 'local' }, { before: 'mkdir moving; cd moving' });
    const imports = (await station.must('GET', 'jobs')).data.filter(({ kind }: { kind: string }) =>
      kind.startsWith('import'),
    );
    expect(imports).toMatchObject([{ state: 'done' }, { state: 'done' }]);
  },
};

/** Of so many events in one request, some are malformed. */
async function post(
  { env }: Station,
  count: number,
  bad: number,
  userId = 'somebody',
  id = `many-${env.cloud.now()}`,
): Promise<void> {
  const timestamp = new Date(env.cloud.now()).toISOString();
  const batch = Array.from({ length: count }, (_, index) => ({
    ...{ type: 'track', userId, timestamp, messageId: `${id}-${index}` },
    event: index < bad ? '' : 'Looked',
  }));
  const authorization = `Basic ${btoa(`${env.ingestKey}:`)}`;
  await env.call('POST', '/v1/batch', { batch }, { authorization });
  await env.cloud.settle();
}
