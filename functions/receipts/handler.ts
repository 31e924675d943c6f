import type { SQSEvent } from 'aws-lambda';
import { withPrivateErrors } from '../edge/private-errors.ts';
import { receiptPorts, receiptsInBatch } from '../edge/receipts.ts';

const ports = receiptPorts();

/** SNS notifications in a standard queue, envelope kept. */
export const handler = withPrivateErrors((event: SQSEvent) => receiptsInBatch(event, ports));
