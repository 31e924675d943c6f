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

const nine = (next: string) => ({ type: 'wait', until: { time: '09:00' }, next });

/** The same with waits that end at a time of day in each customer's own zone. */
export const timeOfDayJourney = {
  ...referenceJourney,
  steps: { ...referenceJourney.steps, 'a-day': nine('two'), 'three-days': nine('three'), 'a-week': nine('check') },
};

/** One of each offset that is in force somewhere in November. */
export const zones = [
  ...['Pacific/Pago_Pago', 'Pacific/Honolulu', 'Pacific/Marquesas', 'America/Anchorage', 'America/Los_Angeles'],
  ...[
    'America/Denver',
    'America/Chicago',
    'America/New_York',
    'America/Halifax',
    'America/St_Johns',
    'America/Sao_Paulo',
  ],
  ...['America/Noronha', 'Atlantic/Azores', 'Europe/London', 'Europe/Berlin', 'Africa/Johannesburg', 'Europe/Istanbul'],
  ...['Asia/Tehran', 'Asia/Dubai', 'Asia/Kabul', 'Asia/Karachi', 'Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Dhaka'],
  ...['Asia/Yangon', 'Asia/Bangkok', 'Asia/Shanghai', 'Australia/Eucla', 'Asia/Tokyo', 'Australia/Darwin'],
  ...['Australia/Brisbane', 'Australia/Adelaide', 'Australia/Sydney', 'Pacific/Auckland', 'Pacific/Chatham'],
  ...['Pacific/Tongatapu', 'Pacific/Kiritimati'],
] as const;
