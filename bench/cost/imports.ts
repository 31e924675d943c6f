import type { BenchCloud } from './bench-cloud.ts';
import type { Rows } from './part.ts';

/** Rows of one file, each kind of them. */
const ROWS = 1_000;
const PER_MINUTE = 600_000;
const HOUR = 3_600_000;

/** Imports, per row; nothing of them lets anybody into a journey. */
export async function measureImports(bench: BenchCloud, rows: Rows): Promise<void> {
  const { api, cloud, meter } = bench;
  const measure = async (id: string, what: string, work: () => Promise<void>) => {
    rows.add(`import.${id}`, `import: ${what}`, 'row', ROWS, await meter(work));
  };
  const importOf = async (kind: string, lines: readonly string[]) => {
    const { id: upload, url } = await api.post<{ id: string; url: string }>('/v1/uploads', {});
    const { status } = await fetch(url, { method: 'PUT', body: lines.join('\n') });
    if (status !== 200) throw new Error(`the upload was answered ${status}`);
    const { id } = await api.post<{ id: string }>('/v1/imports', { kind, upload, perMinute: PER_MINUTE });
    for (let state = 'queued'; state !== 'done'; ) {
      await bench.rest();
      const job = await api.get<{ state: string; progress: { rejected?: number } }>(`/v1/jobs/${id}`);
      state = job.state;
      if (state === 'failed') throw new Error(`the import ${id} has failed`);
      if (job.progress.rejected) throw new Error(`${job.progress.rejected} rows of ${id} were rejected`);
    }
  };
  // In the order of their times, and of none that was imported before.
  const events = (file: string, customerOf: (row: number) => string) => () =>
    importOf('events', [
      'messageId,userId,event,timestamp,properties.page:number',
      ...Array.from({ length: ROWS }, (_, row) => {
        const at = new Date(cloud.now() - HOUR + row * 100).toISOString();
        return `${file}-${row},${customerOf(row)},Looked Back,${at},${row % 9}`;
      }),
    ]);
  const own = (row: number) => `imported-${row}`;
  await measure('event.new', 'event of a new customer', events('a', own));
  await measure('event.known', 'event of a known customer, which changes nothing', events('b', own));
  await measure(
    'event.ordered',
    'the same, in the order of customers, ten each',
    events('c', (row) => own(Math.floor(row / 10))),
  );
  const profiles = ['userId,traits.plan,traits.city,consents.email/offers'];
  for (let row = 0; row < ROWS; row += 1) profiles.push(`${own(row)},gold,Bern,granted`);
  await measure('profile', 'profile with two traits and a consent, known customer', () =>
    importOf('profiles', profiles),
  );
}
