import { didYouMean } from '../../kernel/did-you-mean.ts';
import { nominalMs } from '../../kernel/duration.ts';
import type { Problem } from '../../kernel/errors.ts';
import { DAY_MS } from '../../kernel/time.ts';
import { parseRef } from '../audiences/ref.ts';
import type { Segment } from '../audiences/segment.ts';
import { walkPredicate } from '../journeys/predicates-of.ts';
import { soonestOpen } from './policy/check-hours.ts';
import type { FrequencyCap, Gap, Policy } from './policy.ts';
import type { Topic } from './topic.ts';

/** An error keeps a policy from being saved; a warning does not. */
export interface PolicyFinding extends Problem {
  readonly severity: 'error' | 'warning';
}

export interface PolicyNeighbours {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly segments: ReadonlyMap<string, Segment>;
}

type Details = Omit<Problem, 'pointer' | 'code' | 'detail'>;

const found =
  (severity: PolicyFinding['severity']) =>
  (pointer: string, code: string, detail: string, more: Details = {}): PolicyFinding => ({
    pointer,
    code: `policy.${code}`,
    severity,
    detail,
    ...more,
  });
const error = found('error');
const warning = found('warning');

/** What a policy says that cannot be meant, among topics and segments. */
export const lintPolicy = (policy: Policy, neighbours: PolicyNeighbours): PolicyFinding[] => [
  ...policy.caps.flatMap((cap, at) => lintCap(cap, `/caps/${at}`, policy.gap, neighbours)),
  ...lintQuiet(policy),
  ...lintOrder(policy, neighbours),
  ...lintHoldout(policy),
];

function lintCap(cap: FrequencyCap, at: string, gap: Gap | undefined, { topics }: PolicyNeighbours): PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  if (cap.max === 0 && cap.whenReached === 'hold') {
    const fix = 'leave out whenReached, or raise max';
    findings.push(
      error(`${at}/whenReached`, 'cap-zero-hold', 'a cap of 0 is never free: nothing can be held', { fix }),
    );
  }
  const topic = cap.topic === undefined ? undefined : topics.get(cap.topic);
  if (cap.topic !== undefined && topic === undefined) {
    const like = didYouMean(cap.topic, topics.keys());
    const fix = like === undefined ? {} : { fix: `did you mean "${like}"?` };
    findings.push(warning(`${at}/topic`, 'topic-unknown', `no topic is called "${cap.topic}"`, fix));
  }
  if (topic?.kind === 'transactional') {
    const detail = `"${topic.id}" is transactional, and no cap counts that`;
    findings.push(warning(`${at}/topic`, 'cap-transactional', detail, { fix: 'leave the cap out' }));
  }
  if (gap !== undefined && cap.max > 0 && isWithinGap(cap, gap) && nominalMs(gap.between) * cap.max >= spanMs(cap)) {
    const detail = `with a gap of ${gap.between} between messages there are never more than ${cap.max} per ${cap.per}`;
    findings.push(warning(at, 'cap-never-reached', detail, { fix: 'leave the cap out, or shorten the gap' }));
  }
  return findings;
}

/** Every two messages that the cap counts are kept apart by the gap. */
const isWithinGap = ({ channel }: FrequencyCap, { channels, onlyDifferent }: Gap): boolean =>
  onlyDifferent !== true && (channels === undefined || (channel !== undefined && channels.includes(channel)));

const calendar: Readonly<Record<string, number>> = { day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS };
const spanMs = ({ per }: FrequencyCap): number => calendar[per] ?? nominalMs(per);

/** Any week will do: what is asked is whether they leave a gap, not when. */
const SOME_WEEK = Date.UTC(2026, 0, 5);

function lintQuiet({ quietHours }: Policy): PolicyFinding[] {
  const forAll = quietHours.filter(({ channels, countries }) => channels === undefined && countries === undefined);
  const hours = { quiet: forAll, windows: [], closedDates: [], zone: 'UTC' };
  if (forAll.length === 0 || soonestOpen(SOME_WEEK, hours) !== undefined) return [];
  const detail = 'they leave no time to send in';
  return [warning('/quietHours', 'quiet-always', detail, { fix: 'leave a gap between quiet hours' })];
}

function lintOrder({ channelOrder = [] }: Policy, { segments }: PolicyNeighbours): PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  const last = channelOrder.findIndex((rule) => rule.if === undefined && rule.windows === undefined);
  if (last !== -1 && last < channelOrder.length - 1) {
    const detail = `rule ${last} holds for everybody at every hour, so this one never does`;
    findings.push(warning(`/channelOrder/${last + 1}`, 'rule-unreachable', detail, { fix: 'put it before that one' }));
  }
  for (const [index, rule] of channelOrder.entries()) {
    const at = `/channelOrder/${index}`;
    const refs: (readonly [pointer: string, ref: string])[] = rule.order.flatMap((one, i) =>
      typeof one === 'string' ? [] : [[`${at}/order/${i}`, one.ref] as const],
    );
    for (const { predicate: part, pointer } of rule.if === undefined ? [] : walkPredicate(rule.if, `${at}/if`)) {
      if ('ref' in part && !pointer.includes('/where')) refs.push([pointer, part.ref]);
      if ('segment' in part && !segments.has(part.segment)) {
        const like = didYouMean(part.segment, segments.keys());
        const fix = like === undefined ? {} : { fix: `did you mean "${like}"?` };
        findings.push(warning(`${pointer}/segment`, 'segment-unknown', `no segment is called "${part.segment}"`, fix));
      }
    }
    for (const [pointer, ref] of refs) {
      if (parseRef(ref)?.root === 'profile') continue;
      const detail = `${ref}: a policy knows the customer and no run`;
      findings.push(error(`${pointer}/ref`, 'ref', detail, { fix: 'name profile.*' }));
    }
  }
  return findings;
}

function lintHoldout({ holdout }: Policy): PolicyFinding[] {
  if (holdout?.percent !== 100) return [];
  return [warning('/holdout/percent', 'holdout-everybody', 'nobody gets any marketing', { fix: 'write less' })];
}
