/** The inbox as plain server-rendered HTML. */
import type { CapturedMessage } from './inbox.ts';

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 15%, transparent); --soft: color-mix(in srgb, currentColor 60%, transparent); }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; border-bottom: 1px solid var(--line); padding-bottom: 1rem; margin-bottom: 1rem; }
h1 { font-size: 1.15rem; margin: 0; flex: 1; }
h1 a { color: inherit; text-decoration: none; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; color: var(--soft); }
th, td { padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.when { white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--soft); }
a { color: LinkText; text-decoration-thickness: 1px; text-underline-offset: 2px; }
.tag { display: inline-block; white-space: nowrap; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; margin: 0 .25rem .25rem 0; }
form { display: inline; }
button { font: inherit; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: .4rem; background: transparent; color: inherit; cursor: pointer; }
button:hover { background: var(--line); }
iframe { width: 100%; height: 36rem; border: 1px solid var(--line); border-radius: .5rem; background: white; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; } dd, li, td, h1 { overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.empty { color: var(--soft); padding: 3rem 0; text-align: center; }
`;

const jumps = [
  ['PT1H', '1 hour'],
  ['P1D', '1 day'],
  ['P7D', '1 week'],
];

export function listPage(messages: CapturedMessage[], now: number, to: string | undefined): string {
  const rows = messages
    .toReversed()
    .map(
      (message) => `<tr>
<td class="when">${shortTime(message.at)}</td><td><span class="tag">${escapeHtml(message.channel)}</span></td>
<td><a href="/inbox/?to=${encodeURIComponent(message.to)}">${escapeHtml(message.to)}</a></td>
<td><a href="/inbox/messages/${message.id}">${escapeHtml(message.subject || message.text.slice(0, 60) || '(no subject)')}</a></td>
<td>${message.events.map((event) => `<span class="tag">${escapeHtml(event.type)}</span>`).join('')}</td></tr>`,
    )
    .join('');
  const filter = to === undefined ? '' : `<p>To ${escapeHtml(to)} · <a href="/inbox/">all messages</a></p>`;
  const table = `<table><thead><tr><th>When</th><th>Channel</th><th>To</th><th>Subject</th><th>Events</th></tr></thead><tbody>${rows}</tbody></table>`;
  return page('Inbox', now, filter + (messages.length > 0 ? table : '<p class="empty">Nothing has been sent yet.</p>'));
}

export function messagePage(message: CapturedMessage, playable: string[], now: number): string {
  const base = `/inbox/messages/${message.id}`;
  const buttons = playable
    .filter((type) => type !== 'click')
    .map(
      (type) =>
        `<form method="post" action="${base}/events"><input type="hidden" name="type" value="${type}"><button>${type}</button></form>`,
    )
    .join(' ');
  const links = linksOf(message);
  const unsubscribe = unsubscribeUrl(message)
    ? `<form method="post" action="${base}/unsubscribe"><button>One-click unsubscribe</button></form>`
    : '';
  const fields = [
    ['From', message.from],
    ['To', message.to],
    ['Subject', message.subject],
    ['Sent', message.at],
    ['Message id', message.messageId ?? ''],
    ['Provider’s id', message.providerMessageId],
    ...Object.entries(message.headers),
    ...Object.entries(message.tags).map(([name, value]) => [`tag ${name}`, value]),
  ];
  return page(
    message.subject || message.channel,
    now,
    `<dl>${fields.map(([name, value]) => `<dt>${escapeHtml(name!)}</dt><dd>${escapeHtml(value!)}</dd>`).join('')}</dl>
<p>${buttons} ${unsubscribe}</p>
${message.html ? `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(withTrackedLinks(message.html, base))}"></iframe>` : ''}
${message.text ? `<h2>Text</h2><pre>${escapeHtml(message.text)}</pre>` : ''}
${links.length > 0 ? `<h2>Links</h2><ul>${links.map((link) => `<li><a target="_blank" href="${escapeHtml(clickPath(base, link))}">${escapeHtml(link)}</a></li>`).join('')}</ul>` : ''}
<h2>Events</h2><ul>${message.events.map((event) => `<li>${escapeHtml(event.at)} ${escapeHtml(event.type)} ${escapeHtml(event.link ?? '')}</li>`).join('')}</ul>`,
  );
}

/** Every link of the message, as it would be followed. */
export function linksOf(message: CapturedMessage): string[] {
  const inHtml = [...message.html.matchAll(/href\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map((match) =>
    unescapeHtml(match[1] ?? match[2] ?? ''),
  );
  const inText = message.text.match(/https?:\/\/[^\s<>")]+/g) ?? [];
  return [...new Set([...inHtml, ...inText])].filter((link) => /^https?:\/\//.test(link));
}

/** The https target of the List-Unsubscribe header, if one-click is offered (RFC 8058). */
export function unsubscribeUrl(message: CapturedMessage): string | undefined {
  const header = (name: string): string | undefined =>
    Object.entries(message.headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (header('list-unsubscribe-post')?.trim() !== 'List-Unsubscribe=One-Click') return undefined;
  return /<(https?:[^>]+)>/.exec(header('list-unsubscribe') ?? '')?.[1];
}

function withTrackedLinks(html: string, base: string): string {
  return html.replace(/href\s*=\s*(?:"([^"]*)"|'([^']*)')/gi, (whole, double?: string, single?: string) => {
    const link = unescapeHtml(double ?? single ?? '');
    return /^https?:\/\//.test(link) ? `target="_blank" href="${escapeHtml(clickPath(base, link))}"` : whole;
  });
}

function clickPath(base: string, link: string): string {
  return `${base}/click?link=${encodeURIComponent(link)}`;
}

function page(title: string, now: number, content: string): string {
  const forms = jumps
    .map(
      ([by, label]) =>
        `<form method="post" action="/clock/advance"><input type="hidden" name="by" value="${by}"><button>+ ${label}</button></form>`,
    )
    .join(' ');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style>
<body><header><h1><a href="/inbox/">Inbox</a></h1><span>${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC</span><span>${forms}</span></header><main>${content}</main></body></html>`;
}

function shortTime(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unescapeHtml(text: string): string {
  return text
    .replace(/&amp;/g, '&')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/&quot;/g, '"');
}
