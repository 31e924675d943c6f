/**
 * Which messages of a batch failed, from the answer of a function with ReportBatchItemFailures [L4]:
 * an empty or null list, or an empty or null answer, is a success; an id that is empty, null, under another key
 * or not of this batch fails the whole batch.
 */
export function failedMessageIds(payload: string | undefined, ids: string[]): Set<string> {
  const nobody = new Set<string>();
  if (payload === undefined || payload === 'null' || payload === '{}' || payload === '""') return nobody;
  const all = new Set(ids);
  const answer = JSON.parse(payload) as { batchItemFailures?: unknown };
  if (typeof answer !== 'object' || Array.isArray(answer)) return all;
  const failures = answer.batchItemFailures;
  if (failures === undefined || failures === null) return nobody;
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const failure of failures as ({ itemIdentifier?: unknown } | null)[]) {
    const id = failure?.itemIdentifier;
    if (typeof id !== 'string' || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}
