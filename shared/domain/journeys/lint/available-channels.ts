import { sentChannels } from '../not-yet.ts';
import { channelPointer, channelsOf } from './channels-of.ts';
import { error, type Rule } from './finding.ts';

/** What Godwit can send and this environment cannot. What Godwit cannot send yet is said by not-yet.ts. */
export const availableChannels: Rule = ({ steps }, catalog) =>
  Object.entries(steps).flatMap(([id, step]) => {
    if (step.type !== 'message') return [];
    const { channels } = catalog;
    return channelsOf(step, catalog).flatMap((channel, i) => {
      if (channels.includes(channel) || !sentChannels.includes(channel)) return [];
      const limit = { limit: channels.join(', ') };
      return [error(channelPointer(id, step, i), 'channel-unavailable', `${channel} is not set up here`, limit)];
    });
  });
