import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics as EmbeddedMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Metrics } from '../../shared/app/ports.ts';
import { GodwitError } from '../../shared/kernel/errors.ts';
import { withoutWords } from './private-errors.ts';

/** Counted values of one invocation; `publishMetrics` writes them as one line (CloudWatch embedded metric format). */
const embedded = new EmbeddedMetrics({ namespace: 'Godwit', singleMetric: false });
export const metrics: Metrics = {
  count: (name, value = 1) => embedded.addMetric(name, MetricUnit.Count, value),
};

/**
 * @param about stands in the same line as a field that logs can be grouped by, and is no dimension: each value of one is a
 * metric of its own, with its own price (CloudWatch, "Embedding metrics within logs": target members and dimensions).
 */
export const publishMetrics = (about: Readonly<Record<string, string>> = {}) => {
  if (!embedded.hasStoredMetrics()) return;
  for (const [name, value] of Object.entries(about)) embedded.addMetadata(name, value);
  embedded.publishStoredMetrics();
};

const logger = new Logger();

/**
 * Codes, sizes and our own ids; never a body, never what a customer sent. An unknown error is a bug: with its stack,
 * without its text.
 */
export function logFailure(what: string, error: unknown, more: Readonly<Record<string, unknown>> = {}): void {
  if (error instanceof GodwitError) logger.warn(what, { ...more, code: error.code, detail: error.message });
  else logger.error(what, { ...more, error: withoutWords(error) });
}

export const logWarning = (what: string, more: Readonly<Record<string, unknown>>) => logger.warn(what, more);

/** The change was made, and the audit log does not say what became of it. */
export function onAuditLost(error: unknown, about: Readonly<Record<string, unknown>>): void {
  metrics.count('AuditOutcomesLost');
  publishMetrics();
  logFailure('not in the audit log', error, about);
}
