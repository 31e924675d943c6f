import { describe, expect, it } from 'vitest';
import type { JournalEntry, StoredProfile } from '../../../shared/app/ports.ts';
import { explainJourney, explainMessage } from '../../../shared/app/profiles/profile-history.ts';
import type { Reason } from '../../../shared/domain/decision.ts';
import { messageId, readMessageId } from '../../../shared/domain/messaging/message-id.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';

const ann = profileKey('user', 'ann');
const before = profileKey('anonymous', 'device');
const id = messageId(ann, 'run-1', 'hello', '1');
const { hash } = readMessageId(id)!;

const of = (step: string, code: string, more: Partial<Reason> = {}): Reason => ({
  code,
  journey: 'welcome',
  run: 'run-1',
  step,
  ...more,
});
const entry = (key: string, at: number, ...why: Reason[]): JournalEntry => ({
  key,
  jk: `${at}`,
  v: 1,
  st: 'moved',
  t: 'wake',
  why,
  at,
});

const journal: Record<string, JournalEntry[]> = {
  [ann]: [
    entry(ann, 1, of('start', 'entry.entered')),
    entry(
      ann,
      3,
      of('worth', 'branch.case', { saw: { price: 80 } }),
      of('hello', 'message.decided', { message: id }),
      of('hello', 'message.decided', { message: messageId(ann, 'other'), run: 'run-2' }),
      of('worth', 'branch.case', { run: 'run-2' }),
    ),
  ],
  // Held while the customer was still somebody else: the hash stays, the key does not.
  [before]: [entry(before, 2, of('hello', 'message.held', { message: messageId(before, 'run-1', 'hello', '1') }))],
};
const history = { journal: async (key: string) => ({ data: journal[key] ?? [], complete: true }) };
const stored: StoredProfile = {
  key: ann,
  version: 1,
  at: 3,
  epoch: 1,
  profile: { ...emptyProfile, aliases: [before] },
};

describe('G7: why a message', () => {
  it('every decision that names it, newest first, with what its run saw on the way, in the order of the decision', async () => {
    const { reasons, complete } = await explainMessage(history, stored, hash, 200);
    expect(reasons.map(({ at, reason }) => `${at} ${reason.step} ${reason.code} ${reason.run}`)).toEqual([
      '3 worth branch.case run-1',
      '3 hello message.decided run-1',
      '2 hello message.held run-1',
    ]);
    expect(reasons[0]?.reason.saw).toEqual({ price: 80 });
    expect(complete).toBe(true);
  });

  it('in a journey, in the same order', async () => {
    const { reasons } = await explainJourney(history, stored, 'welcome', 3);
    expect(reasons.map(({ at, reason }) => `${at} ${reason.code}`)).toEqual([
      '3 branch.case',
      '3 message.decided',
      '3 message.decided',
    ]);
  });
});
