import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { error, meant, type Rule } from './finding.ts';

export const knownTopics: Rule = ({ topic, steps }, { topics }) => {
  const named: [pointer: string, id: string][] = [['/topic', topic]];
  for (const [id, step] of Object.entries(steps)) {
    if (step.type === 'message' && step.topic !== undefined) named.push([`/steps/${id}/topic`, step.topic]);
  }
  return named
    .filter(([, id]) => !topics.has(id))
    .map(([pointer, id]) =>
      error(pointer, 'topic-unknown', `no topic is called "${id}"`, meant(didYouMean(id, topics.keys()))),
    );
};
