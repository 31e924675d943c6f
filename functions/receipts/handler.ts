import type { SQSEvent } from 'aws-lambda';
import { receiptPorts, receiptsInBatch } from '../edge/receipts.ts';

const ports = receiptPorts();

/** SNS notifications in a standard queue, envelope kept. */
export const handler = (event: SQSEvent) => receiptsInBatch(event, ports);
