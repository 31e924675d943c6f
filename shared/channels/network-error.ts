const beforeConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

/**
 * True when no connection came about, so that nothing can have been sent. The second kind is what the SDK's handler
 * says of its connection time-out, whose code and name are those of any time-out.
 */
export function neverSent(error: unknown): boolean {
  const { code = '', message = '', errors } = error as { code?: string; message?: string; errors?: unknown[] };
  // Happy eyeballs: one error per address that was tried.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverSent);
  return beforeConnected.has(code) || /did not establish a connection/.test(message);
}
