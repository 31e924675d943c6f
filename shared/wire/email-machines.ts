import { SECOND_MS } from '../kernel/time.ts';

/**
 * Which opens and clicks of mail no person made. Only what is sure: a person taken for a machine loses a journey, a
 * machine taken for a person sends one message more.
 *
 * Known machines, by user agent:
 * - Apple Mail Privacy Protection loads every image on arrival, with `Mozilla/5.0` and nothing behind it (SocketLabs,
 *   "Identifying Apple MPP opens"; Twilio SendGrid, "Understanding Apple Mail Privacy Protection and Open Events").
 * - Google fetches images ahead with a browser of 2015, `… Edge/12.246 Mozilla/5.0`. Its proxy for people who read
 *   (`GoogleImageProxy`) is another one, as is `YahooMailProxy`: both fetch when the mail is opened, and count.
 * - Security gateways and programs that give their own names.
 *
 * And by time: a click within five seconds after the mail was accepted. Gateways follow links before and while they
 * deliver; people need longer to see, open and tap (Suped, "How long does it take for anti-spam bots to click links").
 * Opens have no such rule: a mail may arrive in a window that is in front of somebody.
 *
 * Not seen: scanners with a browser's name that wait, people behind Apple's proxy (their opens are lost with its own),
 * and who clicks every link. IP ranges change and would have to be fetched, so none are looked at.
 */
export const TOO_SOON_MS = 5 * SECOND_MS;

const exactly: ReadonlySet<string> = new Set([
  'Mozilla/5.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
]);
const gateways = /barracuda|proofpoint|mimecast|bingpreview|microsoft office existence discovery/i;
const programs = /headlesschrome|phantomjs|\b(?:curl|wget|python-requests|aiohttp|go-http-client|okhttp|axios|java)\//i;
const robots = /\(compatible;[^)]*(?:bot|crawler|spider)\b/i;

/** What is looked at of a header that anybody may make as long as they like. */
const MAX_AGENT = 1_000;

/** @param acceptedAt when the mail was delivered, else handed over; unknown: only the user agent tells. */
export function isMachine(
  { was, at, userAgent = '' }: { readonly was: string; readonly at: number; readonly userAgent?: string },
  acceptedAt: number | undefined,
): boolean {
  if (was !== 'opened' && was !== 'clicked') return false;
  const agent = userAgent.slice(0, MAX_AGENT).trim();
  if (exactly.has(agent) || [gateways, programs, robots].some((known) => known.test(agent))) return true;
  return was === 'clicked' && acceptedAt !== undefined && at - acceptedAt < TOO_SOON_MS;
}
