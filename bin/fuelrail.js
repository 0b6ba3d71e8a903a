#!/usr/bin/env node
// Libraries leave out their checks for developers; they look while they are loaded.
process.env.NODE_ENV ??= 'production';
const { main } = await import('../dist/cli/main.js');

await main(process.argv.slice(2), 'fuelrail');
