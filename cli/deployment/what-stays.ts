import type { Template, Templates } from './assembly.ts';

/** Something that AWS keeps, and goes on asking for, when the stacks are gone. */
export interface Remainder {
  readonly what: string;
  readonly count: number;
  /** US dollars a month, by public prices of us-east-1, 2026-11. */
  readonly monthly: string;
  readonly note: string;
}

const kinds: Readonly<Record<string, Omit<Remainder, 'count'>>> = {
  'AWS::DynamoDB::Table': {
    what: 'tables, with point-in-time recovery',
    monthly: '0.25 + 0.20 for each GB',
    note: 'all that is known of customers; protected from deletion',
  },
  'AWS::KMS::Key': {
    what: 'key',
    monthly: '1.00, and 1.00 more for each of the first two rotations',
    note: 'without it nothing of the tables and the bucket can be read again',
  },
  'AWS::S3::Bucket': {
    what: 'bucket',
    monthly: '0.023 for each GB',
    note: 'imported and exported files; each is deleted after seven days',
  },
  'AWS::SQS::Queue': { what: 'queues', monthly: '0', note: 'what lies there expires within 14 days' },
  'AWS::SNS::Topic': { what: 'topic for receipts', monthly: '0', note: 'nothing is kept in it' },
  'AWS::SSM::Parameter': { what: 'parameters', monthly: '0', note: 'names of tables and queues' },
  'AWS::Logs::LogGroup': { what: 'log groups', monthly: '0.03 for each GB', note: 'codes and ids, no customers' },
  'AWS::Pinpoint::App': {
    what: 'application for push notifications',
    monthly: '0',
    note: 'the keys of Apple and Google that it was given cannot be read back',
  },
  'AWS::SES::EmailIdentity': { what: 'SES identities', monthly: '0', note: 'domains stay verified' },
};
/** Goes with what it belongs to, or costs and holds nothing. */
const nothingByItself = /^AWS::(SQS::QueuePolicy|SNS::(TopicPolicy|Subscription)|S3::BucketPolicy|CDK::Metadata)$/;

const isData = (stack: string) => stack.endsWith('-data');
const stays = (policy: string | undefined) => policy?.startsWith('Retain') === true || policy === 'Snapshot';

/** Whether the tables would outlive their stack: then `--delete-data` is not this command's to do. */
export const isRetained = (templates: Templates): boolean =>
  Object.entries(templates).some(
    ([stack, { Resources }]) =>
      isData(stack) &&
      Object.values(Resources).some(
        ({ Type, DeletionPolicy }) => Type === 'AWS::DynamoDB::Table' && stays(DeletionPolicy),
      ),
  );

/** @param deletesData whether the stack with the data goes too. */
export function whatStays(templates: Templates, deletesData: boolean): Remainder[] {
  const counts = new Map<string, number>();
  for (const [stack, template] of Object.entries(templates)) {
    for (const type of remaining(template, isData(stack) && !deletesData)) {
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return [...counts].map(([type, count]) => ({
    ...(kinds[type] ?? { what: type, monthly: '?', note: 'see the page of prices of its service' }),
    count,
  }));
}

const remaining = ({ Resources }: Template, wholeStack: boolean): string[] =>
  Object.values(Resources)
    .filter(({ Type, DeletionPolicy }) => (wholeStack || stays(DeletionPolicy)) && !nothingByItself.test(Type))
    .map(({ Type }) => Type);

/** What no template says. */
export const besides = (templates: Templates, deletesData: boolean): string[] => [
  'waits: executions of journeys end with their state machine, and nobody is woken any more',
  ...(deletesData
    ? [
        'files: CloudFormation deletes no bucket that is not empty; empty it first (aws s3 rm s3://<bucket> --recursive)',
        'backups: DynamoDB keeps the last state of a deleted table that could be brought back for 35 days, without charge',
        'the key: scheduled for deletion, 30 days, without charge',
      ]
    : []),
  ...(hasIdentities(templates) ? ['DNS records of senders that you wrote by hand'] : []),
  'the lists of SES: suppressions of the account, and its reputation',
  'the stack CDKToolkit and its bucket with bundles of every deployment: a few cents',
  'metrics: 15 months, without charge',
];

const hasIdentities = (templates: Templates): boolean =>
  Object.values(templates).some(({ Resources }) =>
    Object.values(Resources).some(({ Type }) => Type === 'AWS::SES::EmailIdentity'),
  );
