import { error, type Rule } from './finding.ts';

/** Only transactional topics skip quiet hours; a journey cannot switch them off for marketing. */
export const quietHours: Rule = (journey, { topics }) => {
  if (journey.sending?.quietHours !== 'none') return [];
  const used = new Set([journey.topic]);
  for (const step of Object.values(journey.steps)) {
    if (step.type === 'message' && step.topic !== undefined) used.add(step.topic);
  }
  const marketing = [...used].filter((id) => topics.get(id)?.kind === 'marketing');
  if (marketing.length === 0) return [];
  const detail = `'none' is for transactional topics only; marketing here: ${marketing.join(', ')}`;
  return [error('/sending/quietHours', 'quiet-hours-none', detail, { fix: "write 'environment'" })];
};
