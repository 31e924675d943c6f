import type { LocalCloud } from '../cloud.ts';
import type { ApiClient } from './api-client.ts';
import type { ShopResult } from './shop.ts';

interface StepCounts {
  readonly data: readonly { readonly step: string; readonly counts: Readonly<Record<string, number>> }[];
}
interface JourneyDocument {
  readonly name: string;
  readonly steps: Readonly<Record<string, { readonly type: string }>>;
}

/** What came of the demo, read through the API as a team would; messages are counted in the inbox. */
export async function printReport(
  api: ApiClient,
  cloud: LocalCloud,
  shop: ShopResult,
  log: (line: string) => void,
): Promise<void> {
  const journeys = await api.get<{ data: readonly { id: string }[] }>('/v1/journeys');
  log(
    `\n${shop.customers} customers, ${shop.events} events, ${cloud.messages().length} messages in the inbox, ${shop.unsubscribed} one-click unsubscribes`,
  );

  const refusals = new Map<string, number>();
  for (const { id } of journeys.data) {
    const journey = await api.get<JourneyDocument>(`/v1/journeys/${id}`);
    const counts = await api.get<StepCounts>(`/v1/journeys/${id}/counts?by=step`);
    const bySteps = new Map(counts.data.map(({ step, counts }) => [step, counts]));
    const whole = bySteps.get('') ?? {};
    log(`\n${id} — ${journey.name}`);
    log(`  entered ${whole['entered'] ?? 0}, reached the goal ${whole['goal'] ?? 0}`);
    for (const [step, { type }] of Object.entries(journey.steps)) {
      const of = bySteps.get(step) ?? {};
      const sent = cloud.messages().filter(({ tags }) => tags['godwit_journey'] === id && tags['godwit_step'] === step);
      const delivered = sent.filter(({ events }) => events.some((event) => event.type === 'delivery')).length;
      const detail =
        type === 'message'
          ? `sent ${sent.length}, delivered ${delivered}, skipped ${of['message/skipped'] ?? 0}, stopped at hand-over ${of['message/not-sent'] ?? 0}`
          : ports(of);
      log(`  ${step.padEnd(14)} ${type.padEnd(9)} ${String(of['visited'] ?? 0).padStart(5)} came here   ${detail}`);
      for (const [what, count] of Object.entries(of)) {
        const code = /^message\/no\/(.+)$/.exec(what)?.[1];
        if (code !== undefined) refusals.set(code, (refusals.get(code) ?? 0) + count);
      }
    }
    list('exits', whole, /^exited\/(.+)$/, log);
    list('not entered', whole, /^not-entered\/(.+)$/, log);
  }
  log('\nmessages that were not sent, by reason');
  if (refusals.size === 0) log('  none');
  for (const [code, count] of [...refusals].sort()) log(`  ${code.padEnd(28)} ${String(count).padStart(5)}`);
}

function ports(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .flatMap(([what, count]) => {
      const port = /^port\/(.+)$/.exec(what)?.[1];
      return port === undefined ? [] : [`${port} ${count}`];
    })
    .sort()
    .join(', ');
}

function list(
  title: string,
  counts: Readonly<Record<string, number>>,
  pattern: RegExp,
  log: (line: string) => void,
): void {
  const found = Object.entries(counts).flatMap(([what, count]) => {
    const name = pattern.exec(what)?.[1];
    return name === undefined ? [] : [`${name} ${count}`];
  });
  if (found.length > 0) log(`  ${title}: ${found.sort().join(', ')}`);
}
