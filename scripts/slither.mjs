// Static analysis of the contracts by slither (pip install slither-analyzer), with solc from npm.
//   node scripts/slither.mjs            fails when slither finds what settlement/contracts/slither.json
//                                       does not list; each entry there is answered in docs/security.md
//   node scripts/slither.mjs --write    writes that list
// SLITHER names another program than `slither`. Without one nothing is analysed, and it is said.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const folder = join(dirname(self), '..', 'settlement', 'contracts');
const known = join(folder, 'slither.json');

if (process.argv[2] === '--solc') solc();
else analyse();

/** The few answers of solc's command line that slither needs. */
function solc() {
  const compiler = createRequire(import.meta.url)('solc');
  const version = compiler.version().replace('.Emscripten.clang', '.Linux.g++');
  if (process.argv.includes('--version')) {
    console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
    return;
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.sol'));
  const parts = ['abi', 'evm.bytecode', 'evm.deployedBytecode', 'evm.methodIdentifiers'];
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      names.map((name) => [name, { content: readFileSync(join(folder, name), 'utf8') }]),
    ),
    settings: {
      viaIR: true,
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': [...parts, 'userdoc', 'devdoc'], '': ['ast'] } },
    },
  };
  const { contracts, sources } = JSON.parse(compiler.compile(JSON.stringify(input)));
  const all = Object.entries(contracts).flatMap(([file, inFile]) =>
    Object.entries(inFile).map(([name, { abi, evm, userdoc, devdoc }]) => [
      `${file}:${name}`,
      {
        abi,
        bin: unlinked(evm.bytecode.object),
        'bin-runtime': unlinked(evm.deployedBytecode.object),
        srcmap: evm.bytecode.sourceMap,
        'srcmap-runtime': evm.deployedBytecode.sourceMap,
        userdoc,
        devdoc,
        hashes: evm.methodIdentifiers,
      },
    ]),
  );
  const files = Object.entries(sources).sort(([, a], [, b]) => a.id - b.id);
  const output = {
    contracts: Object.fromEntries(all),
    sources: Object.fromEntries(files.map(([name, { ast }]) => [name, { AST: ast }])),
    sourceList: files.map(([name]) => name),
    version,
  };
  process.stdout.write(JSON.stringify(output));
}

/** Places of libraries are no hexadecimal digits. */
function unlinked(code) {
  return code.replace(/__\$.{34}\$__/g, '0'.repeat(40));
}

function analyse() {
  const scratch = mkdtempSync(join(tmpdir(), 'slither-'));
  const shim = join(scratch, 'solc');
  writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${self}" --solc "$@"\n`);
  chmodSync(shim, 0o755);
  const report = join(scratch, 'report.json');
  const program = process.env.SLITHER ?? 'slither';
  const args = ['Settlement.sol', '--solc', shim, '--json', report];
  const ran = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  if (ran.error?.code === 'ENOENT') {
    console.log('slither is not installed: nothing was analysed (pip install slither-analyzer)');
    rmSync(scratch, { recursive: true });
    return;
  }
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    console.error(ran.stderr);
    process.exit(1);
  }
  rmSync(scratch, { recursive: true });
  const found = result.results.detectors.map(nameOf).sort();
  if (process.argv.includes('--write')) {
    writeFileSync(known, `${JSON.stringify(found, null, 2)}\n`);
    console.log(`${found.length} findings written`);
    return;
  }
  const answered = JSON.parse(readFileSync(known, 'utf8'));
  const fresh = found.filter((each) => !answered.includes(each));
  for (const each of fresh) console.error(`not answered: ${each}`);
  console.log(`slither: ${found.length} findings, ${fresh.length} of them not answered`);
  process.exit(fresh.length === 0 ? 0 : 1);
}

/** What was found, and where: no line numbers, which move. */
function nameOf({ check, elements }) {
  const [{ name, type_specific_fields: fields }] = elements;
  const contract = fields?.parent?.name;
  return contract === undefined ? `${check}: ${name}` : `${check}: ${contract}.${name}`;
}
