import { expect, it } from 'vitest';
import { isMachine, TOO_SOON_MS } from '../../shared/wire/email-machines.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const google2015 =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0';

it.each([
  ['Apple Mail Privacy Protection', 'Mozilla/5.0', true],
  ['the same with blanks around it', ' Mozilla/5.0 ', true],
  ['Google fetching ahead', google2015, true],
  [
    'Gmail, when it is read',
    'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
    false,
  ],
  ['Yahoo, when it is read', 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html', false],
  [
    'Apple Mail without protection',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
    false,
  ],
  ['a browser', chrome, false],
  ['the browser of 2015 itself', google2015.slice(0, -' Mozilla/5.0'.length), false],
  ['a gateway', 'Barracuda Sentinel (EE)', true],
  ['Microsoft, looking whether a link is there', 'Microsoft Office Existence Discovery', true],
  ['Outlook', 'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)', false],
  ['a program', 'python-requests/2.26.0', true],
  ['a browser that nobody sees', chrome.replace('Chrome', 'HeadlessChrome'), true],
  ['a robot', 'Mozilla/5.0 (compatible; Slackbot 1.0; +https://api.slack.com/robots)', true],
  ['a person whose phone is called so', 'Mozilla/5.0 (Linux; Android 14; CUBOT P80) AppleWebKit/537.36', false],
  ['nothing at all', '', false],
])('an open by %s', (_who, userAgent, expected) => {
  expect(isMachine({ was: 'opened', at: 60_000, userAgent }, 0)).toBe(expected);
});

it.each([
  ['clicked', TOO_SOON_MS - 1, true],
  ['clicked', -2_000, true],
  ['clicked', TOO_SOON_MS, false],
  ['opened', 1, false],
  ['delivered', 1, false],
  ['bounced', 1, false],
])('%s %i ms after the mail was accepted', (was, at, expected) => {
  expect(isMachine({ was, at, userAgent: chrome }, 0)).toBe(expected);
});

it('says nothing of time where it is not known', () => {
  expect(isMachine({ was: 'clicked', at: 1, userAgent: chrome }, undefined)).toBe(false);
});
