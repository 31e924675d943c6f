import fc from 'fast-check';

/** Properties try the same cases each time, so that a failure belongs to a change; GODWIT_SEED=… tries others. */
fc.configureGlobal({ seed: Number(process.env['GODWIT_SEED'] ?? 20_261_122) });

export default fc;
