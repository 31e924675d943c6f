export interface SentMessage {
  readonly to: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly at: string;
}

/** To the minute: due times are rounded up to it, and what is a second apart is the same message. */
const lines = (sent: readonly SentMessage[]) =>
  sent.map(({ to, subject, at }) => `${at.slice(0, 16)} ${to} ${subject}`).sort();

/** What one sent and the other did not; a message that was sent twice stands there, too. */
export function differences(expected: readonly SentMessage[], actual: readonly SentMessage[]): string[] {
  const left = lines(expected);
  const more: string[] = [];
  for (const line of lines(actual)) {
    const found = left.indexOf(line);
    if (found < 0) more.push(`more: ${line}`);
    else left.splice(found, 1);
  }
  return [...left.map((line) => `missing: ${line}`), ...more];
}
