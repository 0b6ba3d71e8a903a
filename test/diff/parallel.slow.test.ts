/** The comparison of `parallel.test.ts` over 500 other seeds. */
process.env['DIFF_BLOCKS'] ??= '500';
process.env['SEED'] ??= '10000';
await import('./parallel.test.ts');

export {};
