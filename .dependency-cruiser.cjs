/** The rooms of the house. A rule's comment says why the wall stands. */
const only = (from, allowed, comment) => ({
  name: `${from.replaceAll('/', '-')}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    pathNot: [
      `^${from}/`,
      ...allowed.map((a) => `^${a}`),
      '^node_modules/',
      '^node:',
      '^(assert|buffer|crypto|fs|http|https|net|os|path|stream|url|util|zlib|worker_threads|child_process)$',
    ],
    path: '^(shared|functions|infra|cli|local|tests|bench|examples|scripts|godwit\\.config)',
  },
});

module.exports = {
  forbidden: [
    only('shared/kernel', [], 'The kernel knows no marketing word, so everything may stand on it.'),
    only('shared/cost', ['shared/kernel'], 'What things cost is counts times prices: plain data, for whoever asks.'),
    only(
      'shared/wire',
      ['shared/kernel', 'shared/domain/customer-event', 'shared/domain/mail-record', 'shared/domain/profiles/named-id'],
      'A wire format ends in canonical events: nothing behind it knows a client.',
    ),
    only(
      'shared/domain',
      ['shared/kernel', 'shared/cost/prices'],
      'The decision core is pure: simulator, property tests and Lambda run the same function.',
    ),
    only(
      'shared/app',
      ['shared/kernel', 'shared/domain', 'shared/wire', 'shared/simulation', 'shared/resources', 'shared/settings'],
      'Use cases speak to the world through ports; a store or a client behind them can be exchanged.',
    ),
    only('shared/aws', [], 'How AWS is called, whatever for: stores and adapters stand on it.'),
    only(
      'shared/data',
      ['shared/kernel', 'shared/aws', 'shared/domain', 'shared/app', 'shared/resources'],
      'Stores implement ports.',
    ),
    only(
      'shared/channels',
      ['shared/kernel', 'shared/aws', 'shared/domain', 'shared/app', 'shared/resources', 'shared/settings'],
      'Adapters translate a vendor at the border.',
    ),
    only(
      'shared/http',
      ['shared/kernel', 'shared/domain', 'shared/app', 'shared/simulation', 'shared/resources', 'shared/settings'],
      'HTTP is one door among others.',
    ),
    only(
      'shared/simulation',
      ['shared/kernel', 'shared/domain', 'shared/cost'],
      'A simulation decides with the core itself and stores nothing: it runs in a test of anybody, without AWS.',
    ),
    {
      name: 'product-without-simulation',
      comment: 'What runs on AWS knows no made-up customers; a bundle must not carry them. A job simulates real ones.',
      severity: 'error',
      from: {
        path: '^(functions|infra|local|shared/(kernel|wire|domain|app|data|channels|http))/',
        pathNot: '^shared/(app/scans/kinds/simulate\\.ts|http/routes/simulations\\.ts)',
      },
      to: { path: '^shared/simulation/' },
    },
    only('functions', ['shared'], 'A function wires rooms together; nothing imports a function.'),
    only(
      'infra',
      ['shared/resources', 'shared/settings', 'godwit.config'],
      'Infrastructure shares names with the functions, never logic.',
    ),
    only(
      'local',
      ['shared/resources', 'shared/settings', 'shared/kernel/sha256-hash', 'examples', 'infra/index', 'cli/folder'],
      'The local cloud runs what synth wrote; it cannot cheat by calling the core.',
    ),
    only(
      'cli',
      [
        'shared/kernel',
        'shared/domain',
        'shared/app',
        'shared/cost',
        'shared/settings',
        'shared/simulation',
        'scripts/with-node',
      ],
      'The command checks documents with the rules of the product, and reaches an environment only through its API.',
    ),
    {
      name: 'cli-folder-stands-alone',
      comment: 'Reading a folder knows no schema, so the demo, which may not know the core, reads folders with it too.',
      severity: 'error',
      from: { path: '^cli/folder/' },
      to: { pathNot: ['^cli/folder/', '^node_modules/', '^node:', '^(fs|module|path|url)$'] },
    },
    {
      name: 'no-circular',
      comment: 'A circle is one file in two places.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-one-imports-tests',
      comment: 'What only tests need stays with them.',
      severity: 'error',
      from: { pathNot: '^(tests|examples|bench)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'pure-core',
      comment: 'The core reads no clock, network, file or process; time and chance are inputs.',
      severity: 'error',
      from: { path: '^shared/(domain|kernel)/' },
      to: { path: '^(node:)?(fs|http|https|net|child_process|worker_threads|os|timers|process|dns)' },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      // aws-lambda exists as types only (@types/aws-lambda).
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
