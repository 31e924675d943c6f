import type { Bench } from './rows.ts';

/** What an address costs once, when it is new, and what it costs to find somebody by it. */
export async function measureIdentities({ api, measure, each }: Bench): Promise<void> {
  const emails: string[] = [];
  await measure('identify of a known profile with another e-mail address', () =>
    each((userId) => {
      const email = `${userId}@new.example`;
      emails.push(email);
      return { type: 'identify', userId, traits: { email } };
    }),
  );
  await measure('GET /v1/profiles by e-mail address', async () => {
    for (const email of emails) {
      const { data } = await api.get<{ data: unknown[] }>(`/v1/profiles?idType=email&id=${encodeURIComponent(email)}`);
      if (data.length !== 1) throw new Error(`${data.length} profiles have one address`);
    }
  });
}
