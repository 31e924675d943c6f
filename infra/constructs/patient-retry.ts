/** For tasks that may be done again: every error is tried again, for about half an hour on average. */
export const patientRetry = [
  {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxDelaySeconds: 600,
    MaxAttempts: 14,
    JitterStrategy: 'FULL',
  },
];
