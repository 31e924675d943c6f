import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { error, meant, type Rule } from './finding.ts';

export const knownSenders: Rule = ({ steps }, { senders }) =>
  Object.entries(steps).flatMap(([id, step]) => {
    if (step.type !== 'message' || step.sender === undefined) return [];
    const ids = senders.filter(({ channel }) => step.channels.includes(channel)).map((sender) => sender.id);
    if (ids.includes(step.sender)) return [];
    const detail = `no sender of its channels is called "${step.sender}"`;
    return [error(`/steps/${id}/sender`, 'sender-unknown', detail, meant(didYouMean(step.sender, ids)))];
  });
