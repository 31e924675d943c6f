import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { error, meant, type Rule } from './finding.ts';

export const knownEndpoints: Rule = ({ steps }, { endpoints }) =>
  Object.entries(steps).flatMap(([id, step]) => {
    if (step.type !== 'webhook' || endpoints.has(step.endpoint)) return [];
    const suggestion = meant(didYouMean(step.endpoint, endpoints.keys()));
    return [error(`/steps/${id}/endpoint`, 'endpoint-unknown', `no endpoint is called "${step.endpoint}"`, suggestion)];
  });
