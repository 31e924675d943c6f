/** Pages that are not drilled here, and why they cannot be. */
export const undrilled: Readonly<Record<string, string>> = {
  'bot-flood':
    'what holds a flood is the gateway, whose throttling and access log the local cloud has not; limits of keys and profiles: tests/functions/ingest/ingest-handler.test.ts',
  'domain-failing': 'domains, certificates and DNS are not on the local cloud',
  'warm-up':
    'a sender with a plan is in an environment of its own, and its days are gone through in tests/scenarios/sending.test.ts',
};

/** Metrics of ours that alarms watch, and that no drill has counted. */
export const uncounted: Readonly<Record<string, string>> = {};
