import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { error, meant, type Rule } from './finding.ts';

/** What a webhook calls, and where tasks are brought. */
export const knownEndpoints: Rule = ({ steps }, { endpoints }) =>
  Object.entries(steps).flatMap(([id, step]) => {
    if (step.type !== 'webhook' && step.type !== 'task') return [];
    const [key, endpoint] = step.type === 'task' ? ['queue', step.queue] : ['endpoint', step.endpoint];
    if (endpoints.has(endpoint)) return [];
    const suggestion = meant(didYouMean(endpoint, endpoints.keys()));
    return [error(`/steps/${id}/${key}`, 'endpoint-unknown', `no endpoint is called "${endpoint}"`, suggestion)];
  });
