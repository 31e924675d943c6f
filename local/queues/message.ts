/** How often each function has been invoked on the way to something: what Lambda's recursion guard counts. */
export type Chain = Record<string, number>;

export interface QueueMessage {
  id: string;
  body: string;
  md5: string;
  attributes: Record<string, MessageAttribute>;
  sizeBytes: number;
  sentAt: number;
  /** Retention counts from here: a FIFO dead-letter queue restarts it, a standard one does not [Q6]. */
  enqueuedAt: number;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  groupId?: string;
  deduplicationId?: string;
  sequence?: number;
  receipt?: string;
  inFlight: boolean;
  deleted?: boolean;
  sourceArn?: string;
  chain: Chain;
}

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export interface NewMessage {
  body: string;
  attributes?: Record<string, MessageAttribute>;
  groupId?: string | undefined;
  deduplicationId?: string | undefined;
  delaySeconds?: number | undefined;
  chain?: Chain | undefined;
}

export interface QueueSettings {
  name: string;
  arn: string;
  url: string;
  fifo: boolean;
  contentBasedDeduplication: boolean;
  /** A message id counts as seen in its group only, or in the whole queue [Q13]. */
  deduplicationScope: 'queue' | 'messageGroup';
  delaySeconds: number;
  visibilityTimeoutSeconds: number;
  retentionSeconds: number;
  maximumMessageBytes: number;
  deadLetter?: { arn: string; maxReceiveCount: number };
  keyId?: string;
}
