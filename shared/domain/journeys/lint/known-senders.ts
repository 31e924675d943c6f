import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { channelsOf } from './channels-of.ts';
import { error, meant, type Rule } from './finding.ts';

export const knownSenders: Rule = ({ steps }, catalog) =>
  Object.entries(steps).flatMap(([id, step]) => {
    if (step.type !== 'message' || step.sender === undefined) return [];
    const channels = channelsOf(step, catalog);
    const ids = catalog.senders.filter(({ channel }) => channels.includes(channel)).map((sender) => sender.id);
    if (ids.includes(step.sender)) return [];
    const detail = `no sender of its channels is called "${step.sender}"`;
    return [error(`/steps/${id}/sender`, 'sender-unknown', detail, meant(didYouMean(step.sender, ids)))];
  });
