import { type Bill, bill } from '../../shared/cost/bill.ts';
import { figures } from '../../shared/cost/figures.ts';
import { behaviour, type Load, loadOf } from '../../shared/cost/load.ts';
import { CHECKED } from '../../shared/cost/prices.ts';
import { columns } from '../terminal.ts';
import { UsageError, verb, wholeNumber } from '../verb.ts';

const BILLION = 1_000_000_000;
const MOST = 1_000 * BILLION;

export const cost = verb({
  name: 'cost',
  takes: '--profiles N [--events N] [--messages N]',
  summary: 'says what a month would cost on AWS, line by line',
  help: `Events and messages are those of a month, of all profiles together. Lines with * are reckoned, the others were counted on the
local cloud; nothing is asked of AWS, and nothing needs an environment. docs/cost.md says what is taken for true of events and
messages, and what the sum does not hold.`,
  options: {
    profiles: { type: 'string', takes: 'N', says: 'customers of whom something is stored' },
    events: {
      type: 'string',
      takes: 'N',
      says: `what apps send; ${behaviour.eventsPerProfile} for each profile when absent`,
    },
    messages: {
      type: 'string',
      takes: 'N',
      says: `e-mails; ${behaviour.messagesPerProfile} for each profile when absent`,
    },
    push: { type: 'string', takes: 'N', says: 'push notifications, beside the e-mails' },
    sms: { type: 'string', takes: 'N', says: 'text messages of one part, beside the e-mails; needs --sms-price' },
    'sms-price': { type: 'string', takes: 'DOLLARS', says: 'of one part: it differs by country and carrier' },
    'journal-days': { type: 'string', takes: 'N', says: 'retention.journalDays of the environment; 90 when absent' },
    'message-days': { type: 'string', takes: 'N', says: 'retention.messageDays; 90 when absent' },
  },
  words: [0, 0],
  async run({ options }) {
    const load = asked(options);
    const [low, likely, high] = (['low', 'likely', 'high'] as const).map((certainty) => bill(load, certainty));
    return {
      exit: 0,
      text: textOf(load, likely!, [low!, high!]),
      json: {
        load,
        counted: figures.at,
        prices: { region: 'us-east-1', currency: 'USD', checked: CHECKED },
        dollars: cents(likely!.dollars),
        awsDollars: cents(likely!.awsDollars),
        range: [cents(low!.dollars), cents(high!.dollars)],
        lines: likely!.lines.map((line) => ({ ...line, dollars: cents(line.dollars) })),
      },
    };
  },
});

const cents = (dollars: number): number => Math.round(dollars * 100) / 100;

function asked(options: Readonly<Record<string, string | boolean | undefined>>): Load {
  const number = (name: string, least = 0, most = MOST) => {
    const given = options[name];
    return wholeNumber(name, typeof given === 'string' ? given : undefined, least, most);
  };
  const profiles = number('profiles', 0, BILLION * 10);
  if (profiles === undefined) throw new UsageError('cost needs --profiles N', 'godwit cost --profiles 100000');
  const [events, email, push, sms] = [number('events'), number('messages'), number('push'), number('sms')];
  const [journalDays, messageDays] = [number('journal-days', 1, 3_650), number('message-days', 60, 3_650)];
  const smsDollars = priceOf(options['sms-price']);
  if (sms !== undefined && sms > 0 && smsDollars === undefined) {
    throw new UsageError('--sms needs --sms-price DOLLARS', 'AWS has no one price: it differs by country and carrier');
  }
  return loadOf({
    profiles,
    ...(events !== undefined && { events }),
    ...(journalDays !== undefined && { journalDays }),
    ...(messageDays !== undefined && { messageDays }),
    ...(smsDollars !== undefined && { smsDollars }),
    messages: {
      ...(email !== undefined && { email }),
      ...(push !== undefined && { push }),
      ...(sms !== undefined && { sms }),
    },
  });
}

function priceOf(given: string | boolean | undefined): number | undefined {
  if (typeof given !== 'string') return undefined;
  const dollars = Number(given);
  if (/^\d+(\.\d+)?$/.test(given) && dollars <= 10) return dollars;
  throw new UsageError(`--sms-price: dollars from 0 to 10, as 0.0075, not ${JSON.stringify(given)}`);
}

const whole = (count: number): string => Math.round(count).toLocaleString('en-US');
const money = (amount: number): string => `$${amount < 1_000 ? amount.toFixed(2) : whole(amount)}`;

function textOf({ profiles, events, messages }: Load, likely: Bill, [low, high]: readonly [Bill, Bill]): string[] {
  const sent = messages.email + messages.push + messages.sms;
  const rows = likely.lines.map(({ group, what, count, dollars, seen }) => [
    group,
    `${what}${seen === 'estimated' ? ' *' : ''}`,
    (count < 100 ? count.toFixed(1) : whole(count)).padStart(16),
    money(dollars).padStart(12),
  ]);
  return [
    `${whole(profiles)} profiles, ${whole(events)} events and ${whole(sent)} messages a month`,
    '',
    ...columns([
      ...rows,
      ['', 'AWS', '', money(likely.awsDollars).padStart(12)],
      ['', 'all in', '', money(likely.dollars).padStart(12)],
    ]),
    '',
    `between ${money(low.dollars)} and ${money(high.dollars)}, as lines with * come out; us-east-1, prices of ${CHECKED}, counts of ${figures.at}`,
    'without taxes, discounts and free tiers; docs/cost.md says what is taken for true',
  ];
}
