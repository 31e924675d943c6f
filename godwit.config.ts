import { defineConfig } from './infra/index.ts';

/**
 * Your environments. The first one is the default; `npx cdk deploy '**' -c env=staging` chooses another (`--all`
 * would look for stacks outside of any environment, and find none).
 * Every field, with its limits and its default, is in infra/config.ts.
 */
export default defineConfig({
  environments: {
    /** For a sandbox account: it leaves nothing behind, and sends nothing, because delivery is a sink by default. */
    dev: {
      removalPolicy: 'destroy',
      retention: { logDays: 7 },
      senders: [
        {
          id: 'shop',
          from: 'The Example Shop <hello@shop.example.com>',
          domain: 'shop.example.com',
          dns: 'manual',
          postalAddress: 'Example Shop, 1 Harbour Street, Exampletown',
        },
      ],
    },
    // A first environment on AWS may look like this:
    //
    // staging: {
    //   account: '123456789012',
    //   region: 'eu-central-1',
    //   alarmEmail: 'on-call@example.com',
    //   senders: [
    //     {
    //       id: 'shop',
    //       from: 'The Example Shop <hello@staging.example.com>',
    //       domain: 'staging.example.com',
    //       dns: 'route53',
    //       hostedZone: { id: 'Z0123456789ABC', name: 'example.com' },
    //       postalAddress: 'Example Shop, 1 Harbour Street, Exampletown',
    //     },
    //   ],
    //   delivery: { mode: 'allowlist', allow: ['@example.com'] },
    // },
  },
});
