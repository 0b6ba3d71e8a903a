// Compiles settlement/contracts with solc from npm.
//   node scripts/contracts.mjs            writes settlement/contracts/artifacts/*.json
//   node scripts/contracts.mjs --check    fails when they are not what the sources give
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'settlement', 'contracts');
const artifacts = join(folder, 'artifacts');
const DEPLOYED = ['Settlement', 'Inbox', 'TxJudge', 'Steps', 'Forced', 'Probe'];
/** The smallest limit of a deployed contract's code on Ethereum (EIP-170). Unit: bytes. */
const CODE_BYTES_MAX = 24_576;

const solc = require('solc');
const names = readdirSync(folder).filter((name) => name.endsWith('.sol'));
const input = {
  language: 'Solidity',
  sources: Object.fromEntries(
    names.map((name) => [name, { content: readFileSync(join(folder, name), 'utf8') }]),
  ),
  settings: {
    viaIR: true,
    evmVersion: 'cancun',
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: {
      '*': { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode.object'] },
    },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
const problems = output.errors ?? [];
for (const problem of problems) console.error(problem.formattedMessage);
if (problems.length > 0) process.exit(1);

/** Libraries whose addresses have to be put into the code: name → the text that stands for it. */
function linksOf({ object, linkReferences }) {
  const all = Object.values(linkReferences).flatMap((file) => Object.entries(file));
  return Object.fromEntries(
    all.map(([name, [{ start, length }]]) => [name, object.slice(2 * start, 2 * (start + length))]),
  );
}

const isCheck = process.argv.includes('--check');
let isStale = false;
mkdirSync(artifacts, { recursive: true });
for (const name of DEPLOYED) {
  const { abi, evm } = output.contracts[`${name}.sol`][name];
  const size = evm.deployedBytecode.object.length / 2;
  if (size > CODE_BYTES_MAX) {
    console.error(`${name} has ${size} bytes of code, ${CODE_BYTES_MAX} are allowed`);
    process.exit(1);
  }
  const compiler = solc.version().replace(/\.Emscripten.*$/, '');
  const bytecode = `0x${evm.bytecode.object}`;
  const artifact = { contract: name, compiler, abi, bytecode, links: linksOf(evm.bytecode) };
  const text = `${JSON.stringify(artifact, null, 2)}\n`;
  const path = join(artifacts, `${name}.json`);
  if (isCheck) {
    const committed = readFileSync(path, 'utf8');
    // Formatting of the file is the formatter's business.
    if (JSON.stringify(JSON.parse(committed)) === JSON.stringify(artifact)) continue;
    console.error(`${name}.json is not what the sources give: run node scripts/contracts.mjs`);
    isStale = true;
  } else {
    writeFileSync(path, text);
    console.log(`${name}: ${size} bytes of code`);
  }
}
process.exit(isStale ? 1 : 0);
