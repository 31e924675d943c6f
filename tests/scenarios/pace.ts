/** What sending.test.ts is about, and no other scenario has. */
export const pace = {
  channels: {
    email: { perSecond: 5 },
    push: { perSecond: 5 },
    sms: { perSecond: 5 },
    webhook: { perSecond: 5 },
  },
  /** The second day of that scenario. */
  warmUp: { from: '2026-11-24', perDay: [8] },
};
