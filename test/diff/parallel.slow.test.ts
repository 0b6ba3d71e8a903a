/** The comparison of `parallel.test.ts` over 2,008 other blocks: 1,400 random, 608 of workloads. */
process.env['DIFF_SEEDS'] ??= '700';
process.env['DIFF_ROUNDS'] ??= '51';
process.env['DIFF_RUNNERS'] ??= '3';
process.env['SEED'] ??= '10000';
await import('./parallel.test.ts');

export {};
