import { isBefore, isCounted, plus } from './clock.ts';
import {
  concerns,
  type JourneySetting,
  type Line,
  type NoteLine,
  type SentLine,
  type Settings,
  type Violation,
} from './log.ts';

const priorityIn = ({ journeys }: Settings, id: string | undefined): number =>
  journeys.find((one) => one.id === id)?.priority ?? 50;

/**
 * Who was told that a cap is reached has not lost the last place to somebody with a lower priority who knew that they would
 * come: their run stood right before the message, or was held at it, and was due within the reserve.
 */
export function checkPriority(
  marketing: readonly SentLine[],
  notes: readonly NoteLine[],
  settings: Settings,
): Violation[] {
  const { caps, reserve = 'PT15M' } = settings.policy;
  return notes.flatMap((note): Violation[] => {
    if (note.code === 'cap.reserved-for') return checkReserved(note, settings);
    if (note.code !== 'cap.reached') return [];
    return caps.flatMap((cap): Violation[] => {
      if (!concerns(cap, note)) return [];
      const taken = marketing.filter(
        (one) =>
          concerns(cap, one) && !isBefore(note.at, one.decided) && isCounted(cap.per, one.decided, note.at, note.zone),
      );
      const last = taken.at(-1);
      if (taken.length < cap.max || last === undefined) return [];
      if (priorityIn(settings, last.journey) >= priorityIn(settings, note.journey)) return [];
      const known = notes.some(
        (one) => isWaitingFor(one, note, settings) && isBefore(one.at, last.decided) && isDue(one, last, note, reserve),
      );
      if (!known) return [];
      const detail = `${last.journey} took the last place of ${cap.id ?? cap.per} from ${note.journey} at ${last.decided}`;
      return [{ rule: 'priority', customer: note.customer, at: note.at, detail }];
    });
  });
}

/** The run stood at the message, held, or at a wait that leads to it. */
function isWaitingFor(standing: NoteLine, { run, journey, step }: NoteLine, { journeys }: Settings): boolean {
  if (standing.run !== run || standing.journey !== journey) return false;
  if (standing.code === 'step.held') return standing.step === step;
  const document: JourneySetting | undefined = journeys.find(({ id }) => id === journey);
  return standing.code === 'step.wait' && document?.steps[standing.step ?? '']?.next === step;
}

/** Due after the place was taken, soon enough to be waited for, and no later than when it was refused. */
function isDue({ saw }: NoteLine, taker: SentLine, refused: NoteLine, reserve: string): boolean {
  const due = new Date((saw as { readonly due: number }).due).toISOString();
  return (
    isBefore(taker.decided, due) &&
    !isBefore(refused.at, due) &&
    !isBefore(plus(taker.decided, reserve, taker.zone), due)
  );
}

function checkReserved(note: NoteLine, settings: Settings): Violation[] {
  const { for: journey } = note.saw as { readonly for: string };
  if (priorityIn(settings, journey) > priorityIn(settings, note.journey)) return [];
  return [{ rule: 'reserved', customer: note.customer, at: note.at, detail: `${note.journey} waits for ${journey}` }];
}

/** Who is held out gets no marketing at all, and they are as many as the policy says, within four standard deviations. */
export function checkHoldout(lines: readonly Line[], { policy, topics }: Settings): Violation[] {
  const { holdout } = policy;
  if (holdout === undefined) return [];
  const isMarketing = (topic: string) => topics.find(({ id }) => id === topic)?.kind !== 'transactional';
  const isOut = (line: Line) =>
    line.line === 'note' &&
    (line.code === 'holdout.out' || line.code === 'entry.holdout') &&
    (line.saw as { readonly group?: string }).group === holdout.group;
  const out = new Set(lines.filter(isOut).map(({ customer }) => customer));
  const sent = lines.filter((line) => line.line === 'sent' && isMarketing(line.topic)) as SentLine[];
  const found = sent
    .filter(({ customer }) => out.has(customer))
    .map(({ customer, decided, journey }) => ({ rule: 'holdout', customer, at: decided, detail: journey }));
  const all = new Set([...out, ...sent.map(({ customer }) => customer)]).size;
  const share = holdout.percent / 100;
  const deviation = Math.sqrt((share * (1 - share)) / Math.max(1, all));
  if (Math.abs(out.size / Math.max(1, all) - share) > 4 * deviation) {
    found.push({
      rule: 'holdout-share',
      customer: '',
      at: '',
      detail: `${out.size} of ${all} for ${holdout.percent} %`,
    });
  }
  return found;
}
