import { type Check, isMarketing } from './check.ts';

/**
 * The holdout of the environment: no marketing for a share of all customers, whichever way it comes. Who belongs to it is
 * drawn where they first come to a journey or a marketing message (journeys/engine/holdout.ts), and lies in the profile.
 */
export const checkHoldout: Check = (proposal) => {
  const { holdout } = proposal.catalog.policy;
  if (holdout === undefined || !isMarketing(proposal)) return undefined;
  const { holdouts = {} } = proposal.profile;
  if (!Object.hasOwn(holdouts, holdout.group) || holdouts[holdout.group] !== 'out') return undefined;
  return {
    no: 'holdout.out',
    saw: { ...holdout },
    fix: 'kept out of all marketing for comparison, and stays so; a policy without a holdout lets everybody in',
  };
};
