import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { type ApiClient, RemoteProblem } from '../remote/api-client.ts';

/** What makes two files one: their bytes. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Puts the file where the environment says, as it is; answers the upload's id. */
export async function upload(api: ApiClient, path: string): Promise<string> {
  // Asking twice changes nothing, and a key is what makes a POST be tried again.
  const again = { 'idempotency-key': randomUUID() };
  const { id, url } = await api.post<{ id: string; url: string }>('/v1/uploads', undefined, again);
  const request = `PUT ${new URL(url).origin}`;
  let response: Response;
  try {
    response = await fetch(url, { method: 'PUT', body: await openAsBlob(path), redirect: 'error' });
  } catch (error) {
    throw new RemoteProblem(request, `the upload broke off: ${(error as Error).message}`);
  }
  if (response.ok) return id;
  const code = /<Code>([A-Za-z]+)<\/Code>/.exec(await response.text())?.[1] ?? 'unknown';
  throw new RemoteProblem(request, `the file was not taken: ${code}`, {
    status: response.status,
    code: 'upload.refused',
  });
}
