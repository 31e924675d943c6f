import { expect, it } from 'vitest';
import { journalEntry } from '../../shared/app/settle.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { profileKey } from '../../shared/kernel/ids.ts';

const at = Date.UTC(2026, 10, 22, 9);
const record: MailRecord = { t: 'patch', id: 'p', at, traits: { plan: 'pro' } };
const entryOf = (code: string, inputs: ReadonlyMap<string, MailRecord>) => {
  const handled = { jk: 'k', st: 'inert', t: 'patch', why: [{ code }] } as const;
  return journalEntry(profileKey('user', 'u'), handled, { v: 1, at, inc: 1 }, inputs);
};

it.each([
  ['what is decided has its input', 'trait.stale', new Map([['k', record]]), record],
  ['it lacks that where it is not at hand, so that it is put there later', 'trait.stale', new Map(), undefined],
  ['of what is dropped there is none', 'erased.before', new Map([['k', record]]), null],
  ['nor is any put there later (G12)', 'erased.before', new Map(), null],
] as const)('%s', (_, code, inputs, expected) => {
  expect(entryOf(code, inputs).in).toEqual(expected);
});
