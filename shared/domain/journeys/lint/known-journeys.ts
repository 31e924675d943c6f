import { didYouMean } from '../../../kernel/did-you-mean.ts';
import type { Journey } from '../journey.ts';
import { error, type Finding, meant, type Rule, warning } from './finding.ts';

/** Where customers are enrolled is published, and another journey. Whom an entry follows on is there, and ends so. */
export const knownJourneys: Rule = (journey, { journeys }) => {
  const { id: own, entry, steps } = journey;
  const all = new Map([...journeys, [own, journey]]);
  const unknown = (pointer: string, id: string) =>
    error(pointer, 'journey-unknown', `no published journey is called "${id}"`, meant(didYouMean(id, all.keys())));

  const entries = entry.flatMap((one, i): Finding[] => {
    if (one.on !== 'journey') return [];
    const left = all.get(one.journey);
    if (left === undefined) return [unknown(`/entry/${i}/journey`, one.journey)];
    const reasons = reasonsOf(left);
    if (one.reason === undefined || reasons.includes(one.reason)) return [];
    const detail = `nobody leaves "${one.journey}" with the reason "${one.reason}"`;
    const found = warning(`/entry/${i}/reason`, 'reason-unknown', detail, meant(didYouMean(one.reason, reasons)));
    return [found];
  });
  const enrolls = Object.entries(steps).flatMap(([id, step]): Finding[] => {
    if (step.type !== 'enroll') return [];
    const at = `/steps/${id}/journey`;
    if (step.journey !== own) return journeys.has(step.journey) ? [] : [unknown(at, step.journey)];
    const fix = { fix: 'lead a way back to the first step, or emit an event that the journey enters on' };
    return [error(at, 'enroll-itself', 'a journey does not enroll its own customers: they are inside', fix)];
  });
  return [...entries, ...enrolls];
};

/** Whatever the document, a run may end so. */
const always = ['finished', 'stopped', 'ended', 'unenrolled', 'restarted', 'max-visits', 'past', 'goal'];

const reasonsOf = ({ steps, exitWhen }: Journey): string[] => [
  ...Object.values(steps).flatMap((step) => (step.type === 'exit' ? [step.reason] : [])),
  ...(exitWhen ?? []).map(({ reason }) => reason),
  ...always,
];
