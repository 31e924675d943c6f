import { expect, it } from 'vitest';
import { explainMerges } from '../../cli/verbs/profile-merges.ts';

const decision = { at: '2026-11-26T09:00:00.000Z', reasons: [{ code: 'merge.asked' }] };
const plain = { red: String, green: String, yellow: String, bold: String, dim: String };
const none = { runs: 0, endedRuns: 0, traits: 0, ofTraits: 0, consents: [], ofConsents: 0, messages: 0, counts: 0 };

it('names the event or command that said so, and only what was brought', () => {
  const merge = { profile: 'u1', at: '2026-11-26T09:00:01.000Z' };
  const text = explainMerges(
    'ada',
    {
      key: 'u0',
      ids: { user: 'ada' },
      merges: [
        { ...merge, idType: 'external:crm', id: '7', by: 'e-1', brought: none },
        {
          ...merge,
          ...{ idType: 'userId', id: 'bob', by: 'c-1' },
          brought: { ...none, endedRuns: 1, traits: 1, ofTraits: 3, consents: ['email/offers'], ofConsents: 1 },
        },
        { ...merge, idType: null, id: null, by: 'forgotten', brought: { ...none, ofConsents: 2 } },
      ],
      declined: [],
      decisions: [
        { ...decision, cause: 'event', id: 'e-1' },
        { ...decision, cause: 'merge', id: 'c-1' },
      ],
      complete: true,
    },
    plain,
  );
  expect(text.slice(3, 9)).toEqual([
    '  external:crm 7: since 2026-11-26T09:00:01.000Z, by event e-1',
    '    brought nothing',
    '  userId bob: since 2026-11-26T09:00:01.000Z, by merge c-1',
    '    brought runs ended by it: 1, traits: 1 of 3, consents: 1 (email/offers)',
    '  u1: since 2026-11-26T09:00:01.000Z, by event or command forgotten',
    '    brought consents: 0 of 2',
  ]);
});
