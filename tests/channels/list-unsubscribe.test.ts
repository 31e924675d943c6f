import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { expect, it } from 'vitest';
import type { OutgoingEmail } from '../../shared/app/delivery.ts';
import { signLink } from '../../shared/app/signed-links.ts';
import { sesEmail } from '../../shared/channels/email/ses-email.ts';
import { answer, startProvider } from './provider.ts';

const keys = { current: 'k1', keys: { k1: new Uint8Array(32).fill(3) } };
const message = 'uAAAAAAAAAAAAAAAAAAAAAA-CCCCCCCCCCCCCCCCCCCCCC';
const token = signLink(keys, 'unsubscribe', {
  ...{ profile: message.slice(0, 23), channel: 'email', topic: 't'.repeat(64), message },
  addressHash: 'BBBBBBBBBBBBBBBBBBBBBB',
});
const mail: OutgoingEmail = {
  ...{ channel: 'email', id: message, to: 'ada@example.org', from: 'Käse & Co <hello@shop.example>' },
  ...{ subject: 'Für Ada 🎁', html: '<p>Hi ä</p>', text: 'Hi ä', configurationSet: 'marketing' },
  ...{ sender: 'shop', transactional: false, unsubscribeUrl: `https://links.example/u/${token}` },
};

/** The request that SES gets, as the mail that its parts make; SES itself adds DKIM, which covers these headers, and trace. */
async function received(over: Partial<OutgoingEmail>) {
  const provider = await startProvider();
  provider.plays(answer(200, '{"MessageId":"1"}', { 'content-type': 'application/json' }));
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const config = { endpoint: `http://127.0.0.1:${provider.port}`, region: 'eu-central-1', credentials };
  const { unsubscribeUrl, ...rest } = { ...mail, ...over };
  await sesEmail(() => 0, config)({ ...rest, ...(unsubscribeUrl !== '' && unsubscribeUrl && { unsubscribeUrl }) });
  const { FromEmailAddress: from, Destination, Content } = JSON.parse(provider.received[0]!.body);
  await provider.stop();
  const { Subject, Body, Headers = [] } = Content.Simple;
  const built = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail({
    ...{ from, to: Destination.ToAddresses, subject: Subject.Data, text: Body.Text.Data, html: Body.Html.Data },
    headers: Headers.map(({ Name: key, Value: value }: { Name: string; Value: string }) => ({ key, value })),
  });
  return simpleParser(built.message as Buffer);
}

it('a marketing mail, read by a mail parser, offers one https address and one click (RFC 2369, RFC 8058)', async () => {
  const parsed = await received({});
  // RFC 8058 3.1: one HTTPS URI in List-Unsubscribe, and exactly this in the other.
  expect(parsed.headers.get('list')).toEqual({
    unsubscribe: { url: mail.unsubscribeUrl },
    'unsubscribe-post': { name: 'List-Unsubscribe=One-Click' },
  });
  const lines = parsed.headerLines.filter(({ key }) => key.startsWith('list-'));
  expect(lines.map(({ key }) => key)).toEqual(['list-unsubscribe', 'list-unsubscribe-post']);
  // RFC 5322 2.1.1: at most 998 characters a line.
  for (const { line } of lines) for (const part of line.split('\r\n')) expect(part.length).toBeLessThan(998);
  expect(parsed.from!.value).toEqual([{ name: 'Käse & Co', address: 'hello@shop.example' }]);
  expect([parsed.subject, parsed.text!.trim(), parsed.html]).toEqual(['Für Ada 🎁', 'Hi ä', '<p>Hi ä</p>']);
});

it('a transactional mail offers none', async () => {
  const parsed = await received({ unsubscribeUrl: '' });
  expect(parsed.headers.has('list')).toBe(false);
});
