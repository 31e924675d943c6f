import type { BenchCloud } from './bench-cloud.ts';
import type { Rows } from './part.ts';

const CUSTOMERS = 30;

/** What an address costs once, when it is new, and what it costs to find somebody by it. */
export async function measureIdentities({ api, meter, postInTurn }: BenchCloud, rows: Rows): Promise<void> {
  const users = Array.from({ length: CUSTOMERS }, (_, i) => `customer-${i}`);
  const identify = (domain: string) =>
    users.map((userId) => ({ type: 'identify', userId, traits: { firstName: 'Ada', email: `${userId}@${domain}` } }));
  const first = await meter(() => postInTurn(identify('mail.example')));
  rows.add('identify.new', 'identify of a new profile with name and e-mail', 'event', CUSTOMERS, first);
  const other = await meter(() => postInTurn(identify('new.example')));
  rows.add(
    'identify.other-email',
    'identify of a known profile with another e-mail address',
    'event',
    CUSTOMERS,
    other,
  );
  const found = await meter(async () => {
    for (const userId of users) {
      const id = encodeURIComponent(`${userId}@new.example`);
      const { data } = await api.get<{ data: unknown[] }>(`/v1/profiles?idType=email&id=${id}`);
      if (data.length !== 1) throw new Error(`${data.length} profiles have one address`);
    }
  });
  rows.add('find.email', 'GET /v1/profiles by e-mail address', 'request', CUSTOMERS, found);
}
