/**
 * Everything that turns counts into money reads this file: public prices of us-east-1 in US dollars, without taxes,
 * discounts or savings plans. No free tier is taken off, neither that of the first year nor the one that stays.
 *
 * `page` is AWS's own price page, which shows most of its figures by script only; `against` is the text in which the
 * figure was read on `CHECKED`, and `read` says whose text that is.
 */
export const CHECKED = '2026-11-26';

export interface Price {
  /** Of one `per`, for the first of them in a month. */
  readonly dollars: number;
  readonly per: string;
  readonly page: string;
  readonly against: string;
  readonly read: 'aws' | 'third party' | 'not found again';
  /** What one costs that is beyond so many in a month; ascending. */
  readonly beyond?: readonly (readonly [count: number, dollars: number])[];
}

/** SES, outbound. A bundle that knows what a message costs should not carry the addresses of price pages. */
export const emailDollars = 0.1e-3;

const dynamodb = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const sqs = 'https://aws.amazon.com/sqs/pricing/';
const lambda = 'https://aws.amazon.com/lambda/pricing/';
const cloudwatch = 'https://aws.amazon.com/cloudwatch/pricing/';
const s3 = 'https://aws.amazon.com/s3/pricing/';
const endUserMessaging = 'https://aws.amazon.com/end-user-messaging/pricing/';

const thirdParty = (against: string) => ({ against, read: 'third party' }) as const;
const aws = (against: string) => ({ against, read: 'aws' }) as const;
const units = thirdParty('airbyte.com/data-engineering-resources/dynamodb-pricing, 2025-07-21');
const queues = thirdParty('cloudburn.io/blog/amazon-sqs-pricing, 2026-03-14');
const observed = thirdParty('cloudburn.io/blog/amazon-cloudwatch-pricing, 2026-02');
const infracost = thirdParty('outputs of infracost, which reads the AWS price list, in public repositories');
const objects = thirdParty('usage.ai/blogs/aws/storage-cost/s3/cost-calculator, 2026-06');

export const priceTable = {
  /** A unit is 1 KB written; a condition that fails costs as much [D1]. */
  writeUnit: { dollars: 0.625e-6, per: 'write request unit', page: dynamodb, ...units },
  /** A unit is 4 KB read consistently. */
  readUnit: { dollars: 0.125e-6, per: 'read request unit', page: dynamodb, ...units },
  /** Each item counts 100 bytes more than it has. */
  tableGigabyteMonth: { dollars: 0.25, per: 'GB-month of tables', page: dynamodb, ...aws('the page itself') },
  /** Of what the tables hold, whatever changes. */
  recoveryGigabyteMonth: { dollars: 0.2, per: 'GB-month of point-in-time recovery', page: dynamodb, ...infracost },
  /** 64 KB; an empty receive is one too. */
  standardQueueRequest: {
    ...{ dollars: 0.4e-6, per: 'request of a standard queue', page: sqs, ...queues },
    beyond: [
      [100e9, 0.3e-6],
      [200e9, 0.24e-6],
    ],
  },
  fifoQueueRequest: { dollars: 0.5e-6, per: 'request of a FIFO queue', page: sqs, ...queues },
  stateTransition: {
    ...{ dollars: 25e-6, per: 'transition of a Standard workflow' },
    page: 'https://aws.amazon.com/step-functions/pricing/',
    ...aws('the page itself'),
  },
  lambdaRequest: {
    ...{ dollars: 0.2e-6, per: 'invocation', page: lambda },
    ...thirdParty('git.mcrn.ar/mariano/lambda_local_runner, notes on cost, 2026-05-11'),
  },
  /** Tiers: aws.amazon.com/blogs/compute/introducing-tiered-pricing-for-aws-lambda. */
  lambdaGigabyteSecond: {
    ...{ dollars: 13.3334e-6, per: 'GB-second on arm64', page: lambda },
    ...thirdParty('git.mcrn.ar/mariano/lambda_local_runner, notes on cost, 2026-05-11; tiers: AWS Compute Blog'),
    beyond: [
      [7.5e9, 12.0001e-6],
      [18.75e9, 10.6667e-6],
    ],
  },
  /** 512 KB each. */
  httpApiRequest: {
    ...{ dollars: 1e-6, per: 'request of an HTTP API', page: 'https://aws.amazon.com/api-gateway/pricing/' },
    ...thirdParty('awsforengineers.com/blog/aws-api-gateway-pricing-explained, 2025-05-19; apigatewaycost.com/aws'),
    beyond: [[300e6, 0.9e-6]],
  },
  logGigabyte: { dollars: 0.5, per: 'GB of logs taken in', page: cloudwatch, ...observed },
  /** Compressed: AWS counts what it keeps, and takes 0.15 of what came in as the usual share. */
  logGigabyteMonth: { dollars: 0.03, per: 'GB-month of logs', page: cloudwatch, ...infracost },
  /** By hours in which it had a value. */
  metricMonth: {
    ...{ dollars: 0.3, per: 'custom metric and month', page: cloudwatch, ...observed },
    beyond: [
      [10e3, 0.1],
      [250e3, 0.05],
      [1e6, 0.02],
    ],
  },
  /** For each metric that a standard alarm looks at. */
  alarmMonth: { dollars: 0.1, per: 'metric of an alarm and month', page: cloudwatch, ...infracost },
  dashboardMonth: {
    ...{ dollars: 3, per: 'dashboard and month', page: cloudwatch },
    ...thirdParty('factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards, 2026-06-13'),
  },
  keyMonth: {
    dollars: 1,
    per: 'key and month',
    page: 'https://aws.amazon.com/kms/pricing/',
    ...aws('the page itself'),
  },
  keyRequest: {
    ...{ dollars: 3e-6, per: 'request to KMS', page: 'https://aws.amazon.com/kms/pricing/' },
    ...thirdParty('wring.co/blog/aws-kms-pricing-guide, 2026-03-15'),
  },
  objectGigabyteMonth: { dollars: 0.023, per: 'GB-month of objects', page: s3, ...objects },
  objectPut: { dollars: 5e-6, per: 'PUT or LIST', page: s3, ...objects },
  objectGet: { dollars: 0.4e-6, per: 'GET', page: s3, ...objects },
  /** 64 KB; delivery to SQS is free. */
  topicPublish: {
    ...{ dollars: 0.5e-6, per: 'publish', page: 'https://aws.amazon.com/sns/pricing/' },
    ...thirdParty('factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols, 2026-06-13'),
  },
  /** Out to the internet. In is free, and so is the way between these services within a region. */
  transferGigabyte: {
    ...{ dollars: 0.09, per: 'GB to the internet', page: 'https://aws.amazon.com/ec2/pricing/on-demand/' },
    ...thirdParty('wring.co/blog/aws-data-transfer-pricing-guide, 2026-03-08'),
    beyond: [
      [10_240, 0.085],
      [51_200, 0.07],
      [153_600, 0.05],
    ],
  },
  /** Attachments and dedicated addresses cost more. */
  email: {
    ...{ dollars: emailDollars, per: 'e-mail', page: 'https://aws.amazon.com/ses/pricing/' },
    ...thirdParty("acecloudinterviews.com/tutorials/aws/ses; the same in AWS's own tutorial of Pinpoint"),
  },
  push: {
    ...{ dollars: 1e-6, per: 'push notification', page: endUserMessaging },
    ...{ against: 'what Amazon Pinpoint took', read: 'not found again' },
  },
  /** One part. It differs by country and carrier by a factor of a hundred, so there is none until somebody names their own. */
  sms: {
    ...{ dollars: 0, per: 'part of a text message', page: endUserMessaging },
    ...{ against: 'there is no one price', read: 'not found again' },
  },
} as const satisfies { readonly [name: string]: Price };

export type PriceName = keyof typeof priceTable;
export type Prices = { readonly [P in PriceName]: number };

/** What the first of each costs, without tiers. */
export const prices: Prices = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ Object.entries(priceTable).map(([name, { dollars }]) => [name, dollars]),
) as Prices;

/** Of so many in one month, tiers counted. */
export function dollarsFor({ dollars, beyond = [] }: Pick<Price, 'dollars' | 'beyond'>, count: number): number {
  const steps = [[0, dollars] as const, ...beyond];
  return steps.reduce((sum, [from, each], i) => {
    const to = steps[i + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    return sum + Math.max(0, Math.min(count, to) - from) * each;
  }, 0);
}
