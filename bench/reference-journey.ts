const message = (next: string) => ({ type: 'message', template: 'hello', channels: ['email'], next });
const wait = (days: number, next: string) => ({ type: 'wait', for: `PT${days * 24}H`, next });

/** Three messages, three waits and a branch: what is counted and what is simulated is the same journey. */
export const referenceJourney = {
  schemaVersion: 1,
  id: 'reference',
  name: 'Reference journey',
  topic: 'account',
  entry: [{ on: 'event', event: 'Started' }],
  reentry: { again: 'never', whileInside: 'ignore' },
  start: 'one',
  steps: {
    one: message('a-day'),
    'a-day': wait(1, 'two'),
    two: message('three-days'),
    'three-days': wait(3, 'three'),
    three: message('a-week'),
    'a-week': wait(7, 'check'),
    check: { type: 'branch', cases: [{ if: 'profile.plan = "gold"', next: 'gold' }], else: 'end' },
    gold: { type: 'exit', reason: 'gold' },
  },
};
