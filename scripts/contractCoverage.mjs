// Which outcomes of which conditions of the contracts the tests on anvil see: each condition of an
// `if`, a loop or a choice, and each part of one that is joined by && or ||, must have been true and
// false. Prints a table, and fails below all of them.
//   node scripts/contractCoverage.mjs        (after npm run build)
// The contracts are compiled with a mark at every condition: a call to an address that tells which
// one, seen in the traces of anvil. Outcomes that cannot be are listed with their reasons.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifactOf, compile, DEPLOYED } from './solidity.mjs';

const require = createRequire(import.meta.url);
const solc = require('solc');
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'settlement', 'contracts');
const TESTS = [
  'l1Disputes',
  'l1States',
  'l1Exits',
  'l1Settlement',
  'l1Refusals',
  'l1Libraries',
  'l1Decoder',
];
/** Helper for tests, and what is compared as a whole with the codec and with trees. */
const NOT_JUDGED = new Set(['Probe.sol']);
const JOINS = new Set(['&&', '||']);
const MARK = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
library Mark {
    function seen(uint256 id, bool value) internal view returns (bool) {
        assembly ("memory-safe") {
            let to := add(shl(144, 0xc0de), add(shl(1, id), value))
            pop(staticcall(gas(), to, 0, 0, 0, 0))
        }
        return value;
    }
}
`;

const sources = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith('.sol'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);

/** Conditions below a node of the syntax tree. */
function* conditions(node) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const each of node) yield* conditions(each);
    return;
  }
  const { nodeType } = node;
  const hasCondition = ['IfStatement', 'ForStatement', 'WhileStatement', 'Conditional'];
  if (hasCondition.includes(nodeType) && node.condition != null) yield node.condition;
  if (nodeType === 'FunctionCall' && node.expression?.name === 'require') yield node.arguments[0];
  if (nodeType === 'BinaryOperation' && JOINS.has(node.operator)) {
    yield node.leftExpression;
    yield node.rightExpression;
  }
  for (const [key, child] of Object.entries(node)) {
    if (key !== 'condition' || typeof child === 'object') yield* conditions(child);
  }
}

/** A condition that is joined from others is seen through its parts. */
const isJoined = (node) =>
  (node.nodeType === 'BinaryOperation' && JOINS.has(node.operator)) ||
  (node.nodeType === 'TupleExpression' && isJoined(node.components[0]));

const marks = [];

function marked(name, ast) {
  const bytes = Buffer.from(sources[name]);
  const found = new Map();
  for (const node of conditions(ast)) if (!isJoined(node)) found.set(node.src, node);
  const cuts = [];
  for (const src of found.keys()) {
    const [start, length] = src.split(':').map(Number);
    const text = bytes.subarray(start, start + length).toString();
    const line = bytes.subarray(0, start).toString().split('\n').length;
    const id = marks.push({ file: name, line, text: text.replace(/\s+/g, ' ') }) - 1;
    cuts.push({ at: start, text: `Mark.seen(${id}, (`, outer: length });
    cuts.push({ at: start + length, text: '))', outer: -length });
  }
  // From the end on; where several begin, the outermost is put in last.
  cuts.sort((a, b) => b.at - a.at || a.outer - b.outer);
  let code = bytes.toString('latin1');
  for (const { at, text } of cuts) code = code.slice(0, at) + text + code.slice(at);
  code = Buffer.from(code, 'latin1').toString();
  const pragma = 'pragma solidity 0.8.37;\n';
  // A mark is a call, which nothing pure may make.
  return code
    .replace(pragma, `${pragma}import {Mark} from "./Mark.sol";\n`)
    .replace(/\bpure\b/g, 'view');
}

const input = {
  language: 'Solidity',
  sources: Object.fromEntries(
    Object.entries(sources).map(([name, content]) => [name, { content }]),
  ),
  settings: { outputSelection: { '*': { '': ['ast'] } } },
};
const parsed = JSON.parse(solc.compile(JSON.stringify(input)));
const instrumented = { 'Mark.sol': MARK };
for (const [name, { ast }] of Object.entries(parsed.sources)) {
  instrumented[name] = NOT_JUDGED.has(name)
    ? sources[name].replace(/\bpure\b/g, 'view')
    : marked(name, ast);
}

const scratch = mkdtempSync(join(tmpdir(), 'coverage-'));
const seenPath = join(scratch, 'seen');
try {
  const { contracts, errors } = compile(instrumented);
  const fatal = errors.filter(({ severity }) => severity === 'error');
  for (const { formattedMessage } of fatal) console.error(formattedMessage);
  if (fatal.length > 0) process.exit(1);
  for (const name of DEPLOYED) {
    const artifact = artifactOf(name, contracts[`${name}.sol`][name]);
    writeFileSync(join(scratch, `${name}.json`), JSON.stringify(artifact));
  }
  writeFileSync(seenPath, '');
  const ran = spawnSync(process.execPath, [join(root, 'scripts', 'test.mjs'), '--slow', ...TESTS], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, FUELRAIL_CONTRACTS: scratch, FUELRAIL_CONTRACTS_SEEN: seenPath },
  });
  if (ran.status !== 0) {
    console.error(ran.stdout.slice(-8_000));
    console.error('the tests fail on the marked contracts');
  }
  const isComplete = report(new Set(readFileSync(seenPath, 'utf8').split('\n')));
  process.exitCode = isComplete && ran.status === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function report(seen) {
  if (seen.size === 1 && seen.has('')) {
    console.log('there is no anvil for this machine: nothing was run');
    return true;
  }
  const impossible = JSON.parse(readFileSync(join(folder, 'impossible.json'), 'utf8'));
  const isImpossible = (file, text, outcome) =>
    impossible.some((each) => each.file === file && each.text === text && each.outcome === outcome);
  const files = new Map();
  const missing = [];
  marks.forEach(({ file, line, text }, id) => {
    const row = files.get(file) ?? { conditions: 0, outcomes: 0, seen: 0, impossible: 0 };
    files.set(file, row);
    row.conditions += 1;
    for (const outcome of [false, true]) {
      if (seen.has(String(2 * id + Number(outcome)))) row.seen += 1;
      else if (isImpossible(file, text, outcome)) row.impossible += 1;
      else missing.push(`${file}:${line}: ${text} was never ${outcome}`);
      row.outcomes += 1;
    }
  });
  console.table(Object.fromEntries([...files].sort()));
  for (const line of missing) console.log(line);
  console.log(missing.length === 0 ? 'every outcome was seen' : `${missing.length} are missing`);
  return missing.length === 0;
}
