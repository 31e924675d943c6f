import { expect } from 'vitest';
import { HOUR } from '../environment.ts';
import type { Drills } from './drill.ts';

/** Pages about messages, their providers, and what comes back of them. */
export const messageDrills: Drills = {
  async 'messages-failed'(drill, station) {
    const { cloud } = station.env;
    cloud.ses.behave('reject');
    await station.customers(10, 'Wants email');
    await station.pass(5);
    await station.customers(10, 'Wants email');
    cloud.ses.behave('paused');
    const [who] = await station.customers(1, 'Wants email');
    drill.rang('messages-failed', 'messages-failing', 'provider-misconfigured');
    drill.sees(await drill.run('Look'), 'email.rejected', 'email.sending-paused');
    cloud.ses.behave('accept');
    await cloud.advance(HOUR);
    await drill.run('Verify', { '<id>': 'first' });
    expect(station.mailsTo(who!), 'what waited goes by itself').toContain('The first message');
    await drill.isOver('messages-failed', 'messages-failing', 'provider-misconfigured');
  },

  async 'messages-late'(drill, station) {
    const { cloud } = station.env;
    cloud.ses.behave('throttle');
    const [who] = await station.customers(10, 'Wants email');
    await cloud.advance(50 * 60_000);
    drill.rang('messages-retried');
    drill.sees(await drill.run('Look'), 'email.throttled');
    cloud.ses.behave('accept');
    await cloud.advance(HOUR);
    expect(await drill.run('Verify', { '<userId>': who! })).toContain('"state":"sent"');
    await drill.isOver('messages-retried');

    const mapping = station.mapping('send-email');
    mapping.enable(false);
    await station.customers(1, 'Wants email');
    await station.pass(18);
    drill.rang('messages-email-age');
    expect(await drill.run('Look')).toContain(`${mapping.id}\tDisabled`);
    drill.page.names('mapping not Enabled');
    await drill.does('aws lambda update-event-source-mapping --uuid <UUID> --enabled', { '<UUID>': mapping.id });
    await station.pass(1);
    await drill.isOver('messages-email-age');
  },

  async 'unknown-messages'(drill, station) {
    const { cloud } = station.env;
    const day = new Date(cloud.now()).toISOString().slice(0, 10);
    for (let outage = 0; outage < 3; outage += 1) {
      cloud.ses.behave('error-500', 5);
      await station.customers(5, 'Wants email');
      await station.pass(2);
    }
    drill.rang('messages-unknown');
    await cloud.advance(2 * HOUR);
    // The night comes, with an hour of grace in the place of six.
    const night = new Date(cloud.now()).toISOString().slice(0, 10);
    const reconcile = { do: 'start', kind: 'reconcile', afterHours: 1 };
    await cloud.invoke('scan-profiles', { ...reconcile, id: `reconcile-${night}` });
    await station.pass(2);
    drill.rang('messages-unsettled');
    const look = await drill.run('Look', { 'reconcile-2026-11-26': `reconcile-${night}`, '2026-11-26': day });
    drill.sees(look, 'email.server-error');
    expect(look).toContain('email/only');
    const nightsLook =
      'aws lambda invoke --function-name "$NAME-scan-profiles" --cli-binary-format raw-in-base64-out --payload ' +
      `'{"do":"start","kind":"reconcile","afterHours":1,"id":"<an id of your own>"}' /dev/stdout`;
    await drill.does(nightsLook, { '<an id of your own>': 'by-hand' });
    await drill.run('Verify');
    await drill.isOver('messages-unknown');
  },

  async 'provider-down'(drill, station) {
    const { cloud } = station.env;
    cloud.ses.behave('error-500');
    await station.customers(8, 'Wants email');
    const [parked] = await station.customers(2, 'Wants email');
    await station.pass(1);
    drill.rang('provider-down');
    const look = await drill.run('Look');
    drill.sees(look, 'server-error');
    expect(look).toMatch(/0 waiting, [1-9]\d* in work/);
    cloud.ses.behave('accept');
    await station.pass(40);
    expect((await drill.run('Verify')).split('\n')[0], 'nothing has to be switched on again').toBe('0');
    expect(station.mailsTo(parked!)).toContain('The first message');
    await drill.isOver('provider-down');
  },

  async 'receipts-late'(drill, station) {
    const { cloud } = station.env;
    const mapping = station.mapping('receipts');
    mapping.enable(false);
    const [who] = await station.customers(1, 'Wants email');
    const address = `${who}@mail.example`;
    cloud.provider('email').play(cloud.messages({ to: address })[0]!, { type: 'bounce' });
    await station.pass(18);
    drill.rang('receipts-age');
    expect(await drill.run('Look')).toContain(`${mapping.id}\tDisabled`);
    mapping.enable(true);
    cloud.queue('ReceiptsQueue').send({ body: 'nobody can read it' });
    await station.pass(20);
    drill.rang('receipts-failed');
    drill.sees(await drill.run('Look'), 'sns.envelope');
    // As if two days had gone by in vain.
    for (const letter of cloud.queue('ReceiptsQueue').messages()) letter.receiveCount = 1_000;
    await cloud.advance(HOUR);
    drill.rang('receipts-dead-not-empty');
    cloud.queue('ReceiptsDead').purge();
    const verified = await drill.run('Verify', { '<address>': address });
    expect(verified).toContain('0 waiting, 0 in work');
    drill.sees(verified, 'bounce');
    await drill.run('Act', { '<address>': 'elsewhere@mail.example' });
    await drill.isOver('receipts-age', 'receipts-failed', 'receipts-dead-not-empty');
  },

  async 'ses-reputation'(drill, station) {
    const { cloud } = station.env;
    for (const who of await station.customers(2, 'Wants email')) {
      cloud.provider('email').play(cloud.messages({ to: `${who}@mail.example` })[0]!, { type: 'complaint' });
    }
    await station.pass(1);
    expect(await drill.run('Look', { '<id>': 'email' })).toMatch(/\d email\/only/);
    await drill.does("api POST /v1/journeys/<id>/pause '{}'", { '<id>': 'email' });
    const [who] = await station.customers(1, 'Wants email');
    expect(station.mailsTo(who!)).toEqual([]);
    await station.must('POST', 'journeys/email/resume', { overdue: 'skip' });
  },

  async 'ses-quota'(drill, station) {
    const { cloud } = station.env;
    cloud.ses.behave('throttle');
    const [who] = await station.customers(2, 'Wants email');
    await station.pass(5);
    drill.page.names('email.throttled');
    expect(await drill.run('Look')).toMatch(/0 waiting, 2 in work/);
    await drill.does("api POST /v1/journeys/<id>/pause '{}'", { '<id>': 'email' });
    cloud.ses.behave('accept');
    await cloud.advance(HOUR);
    expect(station.mailsTo(who!), 'it stands where it is').toEqual([]);
    await station.must('POST', 'journeys/email/resume', { overdue: 'run' });
    await cloud.advance(HOUR);
    expect(station.mailsTo(who!)).toContain('The first message');
    await drill.run('Verify');
  },

  async 'push-credentials'(drill, station) {
    const { cloud } = station.env;
    cloud.provider('push').behave('reject');
    const [who] = await station.customers(1, 'Wants push');
    await station.pass(1);
    drill.rang('push-credentials');
    expect(await drill.run('Look')).toMatch(/0 waiting, 1 in work/);
    cloud.provider('push').behave('accept');
    await cloud.advance(HOUR);
    expect(await drill.run('Verify', { '<id>': who! })).toContain('"state":"sent"');
    await drill.isOver('push-credentials');
  },

  async 'sms-spend'(drill, station) {
    const { cloud } = station.env;
    cloud.provider('sms').behave('paused');
    const [who] = await station.customers(1, 'Wants sms');
    await station.pass(1);
    drill.rang('provider-misconfigured');
    const filled = { 'journeys/<id>': 'journeys/sms', 'profiles/<id>': `profiles/${who}` };
    expect(await drill.run('Look', filled)).toMatch(/0 waiting, 1 in work/);
    const { data } = await station.must('GET', `profiles/${who}/messages`);
    drill.sees(JSON.stringify(data), 'sms.spend-limit');
    // The limit was raised.
    cloud.provider('sms').behave('accept');
    await cloud.advance(HOUR);
    expect(await drill.run('Verify')).toContain('0 waiting, 0 in work');
    await drill.isOver('provider-misconfigured');
  },

  async 'sms-stop-unheard'(drill, station) {
    const { cloud } = station.env;
    const people = await station.customers(6, 'Wants sms');
    const textTo = (who: string) =>
      cloud.messages({ to: `+49151${who.slice('customer-'.length).padStart(8, '0')}`, channel: 'sms' })[0]!;
    for (const who of people.slice(1)) cloud.provider('sms').play(textTo(who), { type: 'optOut' });
    await station.env.post(...people.slice(1).map((userId) => ({ event: 'Wants sms', userId })));
    await cloud.settle();
    drill.rang('sms-stop-unheard');
    await drill.run('Look');
    // With the topic named as the destination of the number, STOP arrives.
    cloud.provider('sms').play(textTo(people[0]!), { type: 'stop' });
    await station.pass(1);
    const verified = await drill.run('Verify', {
      '<number>': textTo(people[0]!).to.replace('+', '%2B'),
      '<id>': people[0]!,
    });
    drill.sees(verified, 'unsubscribe', 'keyword.stop');
    await drill.isOver('sms-stop-unheard');
  },

  async 'stop-sending'(drill, station) {
    const { cloud } = station.env;
    const email = { '<id>': 'email' };
    cloud.ses.behave('throttle');
    const [inside] = await station.customers(2, 'Wants email');
    const look = await drill.run('Look', { ...email, '<userId>': inside! });
    expect(look).toContain('entry.entered');
    expect(look).toMatch(/0 waiting, 2 in work/);
    await drill.does(`api PUT /v1/kill-switches/journey:<id> '{"on":true,"note":"why"}'`, email);
    // What is asked again within 30 seconds may still go (G9).
    await station.pass(1);
    cloud.ses.behave('accept');
    await cloud.advance(HOUR);
    expect(station.mailsTo(inside!)).toEqual([]);
    expect(await drill.run('Verify')).toContain('journey:email');
    drill.sees(JSON.stringify(await station.must('GET', `profiles/${inside}/messages`)), 'kill-switch.on');
    await drill.does("api POST /v1/journeys/<id>/pause '{}'", email);
    await drill.run('Act', email, { block: 1 });
    const [next] = await station.customers(1, 'Wants email');
    await station.pass(1);
    expect(station.mailsTo(next!), 'to go on').toContain('The first message');
    await drill.does(`api POST /v1/journeys/<id>/stop '{"mode":"now"}'`, { '<id>': 'push' });
    const [late] = await station.customers(1, 'Wants push');
    expect((await station.must('GET', `profiles/${late}/messages`)).data, 'nobody enters').toEqual([]);
  },
};
