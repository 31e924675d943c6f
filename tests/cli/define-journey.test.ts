import { expect, it } from 'vitest';
import { defineJourney } from '../../cli/define-journey.ts';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';

const head = {
  schemaVersion: 1,
  id: 'welcome',
  name: 'Welcome',
  topic: 'offers',
  entry: [{ on: 'event', event: 'Signed Up' }],
  reentry: { again: 'never', whileInside: 'ignore' },
} as const;

it('gives back what the schema reads', () => {
  const journey = defineJourney({
    ...head,
    entry: [{ on: 'event', event: 'Signed Up' }],
    start: 'hello',
    steps: {
      hello: { type: 'message', template: 'hello', channels: ['email'], next: 'look', skipped: 'end' },
      look: {
        type: 'wait-for',
        any: [{ on: 'message', step: 'hello', was: 'opened', next: 'fork' }],
        within: 'P1D',
        timeout: 'fork',
      },
      fork: { type: 'branch', cases: [{ if: 'profile.plan = "pro"', next: 'call' }], else: 'arms' },
      call: { type: 'webhook', endpoint: 'crm', timeout: 'PT5S', next: 'end', failed: 'arms' },
      arms: {
        type: 'split',
        arms: [
          { id: 'a', weight: 50, next: 'end' },
          { id: 'b', weight: 50, next: 'bye' },
        ],
      },
      bye: { type: 'exit', reason: 'done' },
    },
    exitWhen: [{ on: 'message', step: 'hello', was: 'bounced', reason: 'bounced' }],
  });
  expect(parseDocument(Journey, journey, 'journey').steps['bye']).toEqual({ type: 'exit', reason: 'done' });
});

// What must not compile: where an error that is expected is missing, `npm run check` has one.
it('refuses, when it is compiled, ways that lead to no step', () => {
  const entry = [{ on: 'event' as const, event: 'Signed Up' }];
  const base = { ...head, entry, start: 'a' as const };
  const exit = { type: 'exit', reason: 'done' } as const;
  const wait = { type: 'wait', for: 'P1D', next: 'nowhere' } as const;
  const branch = {
    type: 'branch' as const,
    cases: [{ if: 'profile.a = 1', next: 'nowhere' as const }],
    else: 'end' as const,
  };
  const mail = { type: 'message' as const, template: 't', channels: ['email'] as ['email'], next: 'end' as const };
  const arms = [{ id: 'all', weight: 100, next: 'nowhere' as const }];
  const any = [{ on: 'event' as const, event: 'E', next: 'end' as const }];
  const until = { type: 'wait-for' as const, any, within: 'P1D' };
  const bounced = { on: 'message' as const, was: 'bounced' as const, reason: 'r' };
  const wrong = [
    // @ts-expect-error starts at no step
    () => defineJourney({ ...base, start: 'nowhere', steps: { a: exit } }),
    // @ts-expect-error next
    () => defineJourney({ ...base, steps: { a: wait } }),
    // @ts-expect-error the next of a case
    () => defineJourney({ ...base, steps: { a: branch } }),
    // @ts-expect-error the next of an arm
    () => defineJourney({ ...base, steps: { a: { type: 'split', arms } } }),
    // @ts-expect-error the timeout of a wait-for
    () => defineJourney({ ...base, steps: { a: { ...until, timeout: 'nowhere' } } }),
    // @ts-expect-error skipped is a way too
    () => defineJourney({ ...base, steps: { a: { ...mail, skipped: 'nowhere' } } }),
    // @ts-expect-error a trigger names a step
    () => defineJourney({ ...base, steps: { a: exit }, exitWhen: [{ ...bounced, step: 'nowhere' }] }),
    // @ts-expect-error no type of step
    () => defineJourney({ ...base, steps: { a: { type: 'sleep', next: 'end' } } }),
    // @ts-expect-error an unknown key
    () => defineJourney({ ...base, steps: { a: exit }, colour: 'red' }),
  ];
  const right = [
    () => defineJourney({ ...base, steps: { a: { ...until, timeout: 'end' } } }),
    () => defineJourney({ ...base, steps: { a: { ...mail, skipped: 'end' } } }),
    () => defineJourney({ ...base, steps: { a: exit }, exitWhen: [{ ...bounced, step: 'a' }] }),
  ];
  expect([wrong.length, right.length]).toEqual([9, 3]);
});
