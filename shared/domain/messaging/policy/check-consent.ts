import { consentFor } from '../consent.ts';
import type { Check } from './check.ts';

export const checkConsent: Check = ({ profile, channel, topic }) => {
  const { allowed, code, record } = consentFor(profile.consents, channel, topic);
  if (allowed) return undefined;
  return {
    no: code,
    ...(record !== undefined && { saw: { at: record.at, source: record.source } }),
    fix: `needs consent ${channel}/${topic.id}`,
  };
};
