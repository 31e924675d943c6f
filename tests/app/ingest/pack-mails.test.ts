import { describe, expect, it } from 'vitest';
import { packMails } from '../../../shared/app/ingest.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import type { Arrival } from '../../../shared/wire/arrival.ts';
import { readSegmentRequest } from '../../../shared/wire/segment.ts';
import fc from '../../property.ts';

const receivedAt = Date.parse('2026-11-22T12:00:00Z');
const arrivals = (events: readonly { readonly user: number; readonly characters: number }[]): readonly Arrival[] => {
  const batch = events.map(({ user, characters }, n) => ({
    type: 'track',
    event: 'Renewed',
    messageId: `m-${n}`,
    userId: `user-${user}`,
    properties: { text: 'x'.repeat(characters) },
  }));
  return readSegmentRequest({ to: 'batch' }, { batch }, receivedAt).accepted;
};
const eventIds = (parcels: ReturnType<typeof packMails>) =>
  parcels.flatMap(({ mail }) =>
    mail.mail.records.map((record) => [mail.mail.key, record.t === 'event' && record.event.id]),
  );

describe('mails of a request', () => {
  it('hold every event once, in the order of its profile, and stay small enough for a queue (G1, G4)', () => {
    const event = fc.record({
      user: fc.nat(3),
      characters: fc.oneof(fc.nat(200), fc.integer({ min: 20_000, max: 31_000 })),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const given = arrivals(events);
        const parcels = packMails(given, receivedAt);
        for (const user of [0, 1, 2, 3]) {
          const key = profileKey('user', `user-${user}`);
          const sent = eventIds(parcels).filter(([to]) => to === key);
          expect(sent).toEqual(given.filter((one) => one.key === key).map((one) => [key, one.event.id]));
        }
        for (const { mail } of parcels) {
          expect(Buffer.byteLength(JSON.stringify(mail.mail))).toBeLessThanOrEqual(200 * 1024 + 200);
          expect(mail.mail.records.length).toBeLessThanOrEqual(20);
          expect(mail.id).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
        }
        expect(new Set(parcels.map(({ mail }) => mail.id)).size).toBe(parcels.length);
      }),
      { numRuns: 100 },
    );
  });

  it('20 small events of one profile share one mail', () => {
    const twenty = Array.from({ length: 20 }, () => ({ user: 1, characters: 10 }));
    expect(packMails(arrivals(twenty), receivedAt)).toHaveLength(1);
    expect(packMails(arrivals([...twenty, ...twenty.slice(0, 1)]), receivedAt)).toHaveLength(2);
  });

  it('have the same deduplication id when the same bytes come again, and another one for another event', () => {
    const [one, again, other] = [
      [0, 1],
      [0, 1],
      [0, 2],
    ].map((lengths) => packMails(arrivals(lengths.map((characters) => ({ user: 1, characters }))), receivedAt));
    expect(again![0]!.mail.id).toBe(one![0]!.mail.id);
    expect(other![0]!.mail.id).toBe(one![0]!.mail.id);
    expect(packMails(arrivals([{ user: 1, characters: 0 }]), receivedAt)[0]!.mail.id).not.toBe(one![0]!.mail.id);
  });
});
