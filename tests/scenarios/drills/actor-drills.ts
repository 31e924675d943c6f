import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { maxHops } from '../../../shared/domain/mail-record.ts';
import { DAY, HOUR, MINUTE } from '../environment.ts';
import { eventRecord, mailboxQueue, mailOf, sendMail, userKey } from '../mailbox.ts';
import { TableCopies } from '../table-copies.ts';
import type { Drills, Station } from './drill.ts';

/** Pages about records, waits and jobs. */
export const actorDrills: Drills = {
  async 'late-wakes'(drill, station) {
    const { cloud } = station.env;
    const [who] = await station.customers(1);
    await cloud.advance(5 * MINUTE);
    await stopExecutions(station);
    drill.rang('waits-lost');
    await cloud.advance(2 * HOUR);
    expect(station.mailsTo(who!)).toHaveLength(1);
    drill.sees(await drill.run('Look'), 'ABORTED');
    await drill.run('Act');
    await station.pass(5);
    expect(station.mailsTo(who!)).toHaveLength(2);
    drill.rang('wakes-late');
    expect(await drill.run('Verify', { '<userId>': who! })).toContain('0 waiting');
    await drill.isOver('waits-lost', 'wakes-late');
  },

  async 'dead-letters'(drill, station) {
    const { env } = station;
    const [who] = await station.customers(1);
    const key = userKey(who!);
    await sendMail(env, { ...mailOf(env, key, eventRecord(env, { id: 'round', userId: who! })), hop: maxHops });
    station.mapping('evaluate').enable(false);
    await sendMail(env, mailOf(env, key, eventRecord(env, { id: 'late', userId: who! })));
    // As if two days had gone by in vain.
    for (const letter of mailboxQueue(env).messages()) letter.receiveCount = 1_000;
    station.mapping('evaluate').enable(true);
    await station.pass(1);
    drill.rang('mailbox-dead-not-empty', 'records-parked');
    const [parked] = (await station.must('GET', 'dead-letters/parked')).data;
    const look = await drill.run('Look', { '<id>': parked.id });
    drill.sees(look, 'record.too-many-hops', 'mailbox');
    const redriven = { '<id>': parked.id };
    expect(await drill.does('godwit dlq redrive mailbox')).toContain('1 letters back');
    expect(await drill.does('godwit dlq redrive parked <id>', redriven)).toContain('1 sent again');
    await station.pass(1);
    for (const event of ['late', 'round']) {
      const verified = await drill.run('Verify', { '<messageId>': event, '<userId>': who! });
      expect(verified).toContain('nothing was given up');
      expect(verified).toMatch(/"state":"(applied|no-effect)"/);
    }
    await drill.isOver('mailbox-dead-not-empty', 'records-parked');
  },

  async 'mailbox-age'(drill, station) {
    const mapping = station.mapping('evaluate');
    mapping.enable(false);
    const [who] = await station.customers(1);
    await station.pass(8);
    drill.rang('mailbox-0-age');
    const look = await drill.run('Look');
    expect(look).toContain(`${mapping.id}\tDisabled`);
    drill.page.names('mapping not Enabled');
    await drill.does('aws lambda update-event-source-mapping --uuid <UUID> --enabled', { '<UUID>': mapping.id });
    await station.pass(1);
    const verified = await drill.run('Verify', { '<messageId>': `does-${who}`, '<userId>': who! });
    expect(verified).toContain('0 waiting, 0 in work');
    drill.sees(verified, 'applied');
    await drill.isOver('mailbox-0-age');
  },

  async throttling(drill, station) {
    station.env.cloud.onCall(({ functionName, service }) =>
      functionName.endsWith('evaluate') && service === 'dynamodb' ? 'throttle' : 'pass',
    );
    const [who] = await station.customers(1);
    await station.pass(1);
    expect(await drill.run('Look'), 'the mailbox ages, and nothing is lost').toMatch(/0 waiting, [1-9]\d* in work/);
    station.env.cloud.onCall(undefined);
    await station.pass(4);
    expect(await drill.does('depth mailbox-0')).toContain('0 waiting, 0 in work');
    expect(station.mailsTo(who!)).toHaveLength(1);
  },

  async 'function-errors'(drill, station) {
    const { cloud } = station.env;
    cloud.onCall(({ functionName, action }) =>
      /evaluate$|issue-key$/.test(functionName) && action === 'dynamodb:PutItem'
        ? { code: 'ResourceNotFoundException', status: 400 }
        : 'pass',
    );
    await station.customers(5);
    await expect(cloud.invoke('issue-key', { name: 'nobody', kind: 'ingest' })).rejects.toThrow();
    await station.pass(17);
    drill.rang('issue-key-errors', 'records-failed');
    drill.sees(await drill.run('Look'), 'records must come again');
    cloud.onCall(undefined);
    await station.pass(4);
    await drill.run('Verify');
    await drill.isOver('issue-key-errors', 'records-failed');
  },

  async 'bad-deploy'(drill, station) {
    const { env } = station;
    const [who] = await station.customers(1);
    const newer = { ...mailOf(env, userKey(who!), eventRecord(env, { id: 'newer', userId: who! })), schema: 99 };
    await sendMail(env, JSON.stringify(newer), userKey(who!));
    await station.pass(4);
    drill.sees(await drill.run('Look'), 'queue.schema');
    // The newer release comes back, and takes what it had written.
    mailboxQueue(env).purge();
    await drill.run('Act', {}, { block: 1 });
    await station.pass(5);
    expect(await drill.run('Verify')).toContain('nothing was given up');
  },

  async 'scans-failed'(drill, station) {
    const { cloud } = station.env;
    const [who] = await station.customers(1);
    await cloud.advance(5 * MINUTE);
    await stopExecutions(station);
    cloud.onCall(({ functionName, action }) =>
      functionName.endsWith('scan-profiles') && action === 'dynamodb:Scan' ? { code: 'Broken', status: 400 } : 'pass',
    );
    await drill.does('sweep');
    await cloud.advance(2 * HOUR);
    drill.rang('scans-failed');
    const [{ id }] = (await station.must('GET', 'jobs')).data;
    drill.sees(await drill.run('Look', { '<id>': id }), 'failed');
    cloud.onCall(undefined);
    await drill.does('sweep');
    await station.pass(5);
    drill.sees(await drill.run('Verify'), 'done');
    expect(station.mailsTo(who!)).toHaveLength(2);
    await drill.isOver('scans-failed');
  },

  async 'erase-deadline'(drill, station) {
    const { cloud } = station.env;
    const [who] = await station.customers(1);
    station.mapping('evaluate').enable(false);
    const { id } = await station.must('DELETE', `profiles/${who}`);
    // The job looks every quarter of a minute: nobody needs all of its looks.
    cloud.step(DAY + HOUR);
    await station.pass(1);
    await cloud.invoke('scan-profiles', { do: 'start', kind: 'sweep', id: 'of-the-night' });
    await station.pass(1);
    drill.rang('answers-late');
    drill.sees(await drill.run('Look', { '<id>': id }), 'untold');
    station.mapping('evaluate').enable(true);
    await station.pass(10);
    drill.sees(await drill.run('Verify', { '<id>': id }), 'done', 'result');
    await drill.isOver('answers-late');
  },

  async restore(drill, station) {
    const { env } = station;
    const [who] = await station.customers(1);
    const copies = await TableCopies.of(env, 'profiles', 'journal');
    await env.cloud.advance(HOUR + 2 * MINUTE);
    expect(station.mailsTo(who!)).toHaveLength(2);
    await drill.run('Look', { '<userId>': who! });
    const mapping = { '<UUID>': station.mapping('evaluate').id };
    await drill.run('Act', mapping, { block: 0 });
    await copies.restore('profiles', 'journal');
    await drill.run('Act', mapping, { block: 1 });
    await station.pass(5);
    await drill.run('Verify', { '<userId>': who! });
    await station.pass(5);
    expect(station.mailsTo(who!), 'nothing goes twice').toHaveLength(2);
  },
};

/** As somebody does by hand, or an account that is cleaned up. */
async function stopExecutions({ env: { cloud } }: Station): Promise<void> {
  const client = new SFNClient(cloud.operator);
  for (const { arn, status } of cloud.executions()) {
    if (status === 'RUNNING') await client.send(new StopExecutionCommand({ executionArn: arn }));
  }
  client.destroy();
}
