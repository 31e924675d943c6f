import { dayOf, isBefore, isCounted, isWithin, plus } from './clock.ts';
import { checkHoldout, checkPriority } from './comparisons.ts';
import {
  type Cap,
  concerns,
  type Hours,
  type JourneySetting,
  type Line,
  type NoteLine,
  type SentLine,
  type Settings,
  type Violation,
} from './log.ts';

/**
 * Reads a message log against the settings it was made under. Both ways: nothing was sent that may not have been, and
 * nothing was kept back without the reason that is on record.
 */
export function checkLog(lines: readonly Line[], settings: Settings): Violation[] {
  const found: Violation[] = [];
  for (const [, own] of Map.groupBy(lines, ({ customer }) => customer)) found.push(...checkCustomer(own, settings));
  found.push(...checkHoldout(lines, settings));
  return found;
}

function checkCustomer(lines: readonly Line[], settings: Settings): Violation[] {
  const reader = new Reader(lines, settings);
  return [
    ...reader.marketing.flatMap((sent, at) => [
      ...reader.capped(sent, at),
      ...reader.tooSoon(sent, at),
      ...reader.limited(sent, at),
      ...reader.quiet(sent),
      ...reader.holiday(sent),
    ]),
    ...reader.sent.flatMap((sent) => [...reader.unwanted(sent), ...reader.outsideHours(sent)]),
    ...reader.notes.flatMap((note) => reader.unjustified(note)),
    ...checkPriority(reader.marketing, reader.notes, settings),
  ];
}

const violation = (rule: string, { customer }: Line, at: string, detail: string): Violation => ({
  rule,
  customer,
  at,
  detail,
});

/** Hours and holidays are of some channels and countries, or of all. */
const isOf = (
  { channel, country }: SentLine | NoteLine,
  { channels, countries }: Pick<Hours, 'channels' | 'countries'>,
) =>
  (channels === undefined || channels.includes(channel ?? '')) &&
  (countries === undefined || countries.includes(country ?? ''));

/** The log of one customer. */
class Reader {
  readonly sent: readonly SentLine[];
  readonly marketing: readonly SentLine[];
  readonly notes: readonly NoteLine[];
  readonly #settings: Settings;

  constructor(lines: readonly Line[], settings: Settings) {
    this.#settings = settings;
    this.sent = lines
      .filter((line) => line.line === 'sent')
      .sort((a, b) => (a.decided === b.decided ? 0 : isBefore(a.decided, b.decided) ? -1 : 1));
    this.marketing = this.sent.filter(({ topic }) => !this.#isTransactional(topic));
    this.notes = lines.filter((line) => line.line === 'note');
  }

  #isTransactional = (topic: string | undefined): boolean =>
    this.#settings.topics.find(({ id }) => id === topic)?.kind === 'transactional';

  #journey = (id: string | undefined): JourneySetting | undefined =>
    this.#settings.journeys.find((one) => one.id === id);

  // ---- what may not have been sent -----------------------------------------------------------------------------

  capped(sent: SentLine, at: number): Violation[] {
    return this.#settings.policy.caps.flatMap((cap) => {
      if (!concerns(cap, sent)) return [];
      const before = this.marketing.slice(0, at + 1).filter((one) => concerns(cap, one));
      const count = before.filter((one) => isCounted(cap.per, one.decided, sent.decided, sent.zone)).length;
      if (count <= cap.max) return [];
      return [violation('cap', sent, sent.decided, `${count} of ${cap.max} per ${cap.per} (${cap.id ?? 'no id'})`)];
    });
  }

  limited(sent: SentLine, at: number): Violation[] {
    const limits = this.#journey(sent.journey)?.limits?.messagesPerProfile ?? [];
    return limits.flatMap(({ max, per }) => {
      const before = this.marketing.slice(0, at + 1).filter(({ journey }) => journey === sent.journey);
      const isMeant = (one: SentLine) =>
        per === 'run' ? one.run === sent.run : isCounted(per, one.decided, sent.decided, sent.zone);
      const count = before.filter(isMeant).length;
      return count <= max ? [] : [violation('limit', sent, sent.decided, `${count} of ${max} per ${per}`)];
    });
  }

  tooSoon(sent: SentLine, at: number): Violation[] {
    const last = this.marketing.slice(0, at).findLast((one) => this.#isApart(one, sent));
    if (last === undefined || !this.#isInGap(last, sent.decided, sent.zone)) return [];
    return [violation('gap', sent, sent.decided, `${last.channel} at ${last.decided}`)];
  }

  #isApart(one: SentLine, other: { readonly channel?: string }): boolean {
    const { gap } = this.#settings.policy;
    const keeps = (channel: string | undefined) => gap!.channels === undefined || gap!.channels.includes(channel ?? '');
    if (gap === undefined || !keeps(one.channel) || !keeps(other.channel)) return false;
    return gap.onlyDifferent !== true || one.channel !== other.channel;
  }

  #isInGap = (last: SentLine, at: string, zone: string): boolean =>
    isBefore(at, plus(last.decided, this.#settings.policy.gap!.between, zone));

  quiet(sent: SentLine): Violation[] {
    const hours = this.#quietHours(sent).find((one) => isWithin(sent.handed, one, sent.zone));
    return hours === undefined ? [] : [violation('quiet', sent, sent.handed, `${hours.from} to ${hours.to}`)];
  }

  holiday(sent: SentLine): Violation[] {
    return this.#isHoliday(sent, sent.handed) ? [violation('holiday', sent, sent.handed, 'closed')] : [];
  }

  #isHoliday(of: SentLine | NoteLine, at: string): boolean {
    const { closedDates = [] } = this.#settings.policy;
    return closedDates.some((one) => isOf(of, one) && one.dates.includes(dayOf(at, of.zone)));
  }

  #quietHours(of: SentLine | NoteLine): Hours[] {
    const own = this.#journey(of.journey)?.sending?.quietHours;
    const ofPolicy = this.#settings.policy.quietHours.filter((one) => isOf(of, one));
    return typeof own === 'object' ? [...ofPolicy, ...own] : [...ofPolicy];
  }

  outsideHours(sent: SentLine): Violation[] {
    const { windows, closedDates = [] } = this.#journey(sent.journey)?.sending ?? {};
    if (windows !== undefined && !windows.some((one) => isWithin(sent.handed, one, sent.zone))) {
      return [violation('windows', sent, sent.handed, 'outside')];
    }
    const day = dayOf(sent.handed, sent.zone);
    return closedDates.includes(day) ? [violation('closed', sent, sent.handed, day)] : [];
  }

  unwanted(sent: SentLine): Violation[] {
    const bounced = this.notes.some(
      ({ code, channel, at }) => code === 'receipt.bounced' && channel === sent.channel && isBefore(at, sent.decided),
    );
    if (bounced) return [violation('bounced', sent, sent.decided, sent.channel)];
    const state = this.#consentAt(sent, sent.handed);
    // Of the same instant nobody can tell what came first: what either order allows was allowed.
    if (state === 'yes' || this.#consentAt(sent, sent.handed, 'and in that instant') === 'yes') return [];
    return [violation('consent', sent, sent.handed, `${sent.channel}/${sent.topic} ${state}`)];
  }

  #consentAt(
    about: { readonly channel?: string; readonly topic?: string },
    at: string,
    until: 'before' | 'and in that instant' = 'before',
  ): string {
    const last = this.notes.findLast(
      (one) =>
        one.code === 'consent.recorded' &&
        one.channel === about.channel &&
        one.topic === about.topic &&
        (until === 'before' ? isBefore(one.at, at) : !isBefore(at, one.at)),
    );
    const state = (last?.saw as { readonly state?: string } | undefined)?.state;
    if (state !== undefined) return state === 'granted' ? 'yes' : state;
    const byDefault = this.#settings.topics.find(({ id }) => id === about.topic)?.consent[about.channel ?? ''];
    if (byDefault !== undefined) return byDefault === 'opt-out' ? 'yes' : 'missing';
    return this.#isTransactional(about.topic) ? 'yes' : 'missing';
  }

  // ---- what may not have been kept back ------------------------------------------------------------------------

  unjustified(note: NoteLine): Violation[] {
    const say = (isTrue: boolean) =>
      isTrue ? [] : [violation('unjustified', note, note.at, `${note.code} ${note.channel ?? ''}`.trim())];
    const isHeldBack = /^(cap|gap|quiet-hours|holdout|age)/.test(note.code);
    if (isHeldBack && this.#isTransactional(note.topic)) {
      return [violation('transactional', note, note.at, note.code)];
    }
    switch (note.code) {
      case 'cap.reached':
        return say(this.#settings.policy.caps.some((cap) => concerns(cap, note) && this.#isFull(cap, note)));
      case 'gap.too-soon':
        return say(
          this.marketing.some(
            (one) =>
              !isBefore(note.at, one.decided) && this.#isApart(one, note) && this.#isInGap(one, note.at, note.zone),
          ),
        );
      case 'quiet-hours':
        return say(this.#quietHours(note).some((one) => isWithin(note.at, one, note.zone)));
      case 'closed-date':
        return say(this.#isHoliday(note, note.at));
      case 'sending.windows':
        return say(!this.#journey(note.journey)!.sending!.windows!.some((one) => isWithin(note.at, one, note.zone)));
      case 'sending.closed-date':
        return say(this.#journey(note.journey)!.sending!.closedDates!.includes(dayOf(note.at, note.zone)));
      case 'consent.missing':
      case 'consent.withdrawn':
      case 'consent.pending':
        return say(this.#consentAt(note, note.at) !== 'yes');
      default:
        return [];
    }
  }

  #isFull(cap: Cap, { at, zone }: NoteLine): boolean {
    const taken = this.marketing.filter(
      (one) => concerns(cap, one) && !isBefore(at, one.decided) && isCounted(cap.per, one.decided, at, zone),
    );
    return taken.length >= cap.max;
  }
}
