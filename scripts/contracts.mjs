// Compiles settlement/contracts with solc from npm.
//   node scripts/contracts.mjs            writes settlement/contracts/artifacts/*.json
//   node scripts/contracts.mjs --check    fails when they are not what the sources give
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifactOf, compile, DEPLOYED } from './solidity.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'settlement', 'contracts');
const artifacts = join(folder, 'artifacts');
/** The smallest limit of a deployed contract's code on Ethereum (EIP-170). Unit: bytes. */
const CODE_BYTES_MAX = 24_576;

const names = readdirSync(folder).filter((name) => name.endsWith('.sol'));
const output = compile(
  Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
);
for (const problem of output.errors) console.error(problem.formattedMessage);
if (output.errors.length > 0) process.exit(1);

const isCheck = process.argv.includes('--check');
let isStale = false;
mkdirSync(artifacts, { recursive: true });
for (const name of DEPLOYED) {
  const contract = output.contracts[`${name}.sol`][name];
  const size = contract.evm.deployedBytecode.object.length / 2;
  if (size > CODE_BYTES_MAX) {
    console.error(`${name} has ${size} bytes of code, ${CODE_BYTES_MAX} are allowed`);
    process.exit(1);
  }
  const artifact = artifactOf(name, contract);
  const path = join(artifacts, `${name}.json`);
  if (isCheck) {
    const committed = readFileSync(path, 'utf8');
    // Formatting of the file is the formatter's business.
    if (JSON.stringify(JSON.parse(committed)) === JSON.stringify(artifact)) continue;
    console.error(`${name}.json is not what the sources give: run node scripts/contracts.mjs`);
    isStale = true;
  } else {
    writeFileSync(path, `${JSON.stringify(artifact, null, 2)}\n`);
    console.log(`${name}: ${size} bytes of code`);
  }
}
process.exit(isStale ? 1 : 0);
