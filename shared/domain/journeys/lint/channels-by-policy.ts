import { type Rule, warning } from './finding.ts';

/** A step that leaves the channel to a policy that says nothing of it. */
export const channelsByPolicy: Rule = ({ steps }, { policy }) =>
  (policy.channelOrder ?? []).length > 0
    ? []
    : Object.entries(steps).flatMap(([id, step]) =>
        step.type === 'message' && step.channels === 'by-policy'
          ? [
              warning(`/steps/${id}/channels`, 'channels-by-policy', 'the policy has no channelOrder', {
                fix: 'write policy.channelOrder; until then the order of the template counts',
              }),
            ]
          : [],
      );
