import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { error, meant, type Rule } from './finding.ts';

/** Where customers are enrolled is published, and another journey. */
export const knownJourneys: Rule = ({ id: own, steps }, { journeys }) =>
  Object.entries(steps).flatMap(([id, step]) => {
    if (step.type !== 'enroll') return [];
    const at = `/steps/${id}/journey`;
    if (step.journey === own) {
      const fix = { fix: 'lead a way back to the first step, or emit an event that the journey enters on' };
      return [error(at, 'enroll-itself', 'a journey does not enroll its own customers: they are inside', fix)];
    }
    if (journeys.has(step.journey)) return [];
    const suggestion = meant(didYouMean(step.journey, journeys.keys()));
    return [error(at, 'journey-unknown', `no published journey is called "${step.journey}"`, suggestion)];
  });
