/** Gas of many transactions, added up and as a table. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  changesText,
  compareReports,
  gasReportOf,
  reportText,
} from '../../../cli/trace/gasReport.ts';
import type { CallTree, TraceGas } from '../../../node/trace/types.ts';

const CONTRACT = `0x${'ab'.repeat(32)}`;

function treeOf(gas: readonly TraceGas[], over: Partial<CallTree> = {}): CallTree {
  return {
    id: `0x${'00'.repeat(32)}`,
    blockHeight: 1,
    txIndex: 0,
    kind: 'script',
    success: true,
    reason: null,
    totalGas: '1000',
    totalFee: '1',
    source: 'execution',
    whyReceipts: null,
    predicates: [],
    call: null,
    instructions: 3,
    code: [],
    slots: [],
    balances: [],
    gas,
    ...over,
  };
}

const opcodes = [
  { name: 'SWW', count: 1, gas: '50' },
  { name: 'ADD', count: 2, gas: '10' },
];
const swap: TraceGas = { contract: CONTRACT, method: 'swap', calls: 1, gas: '60', opcodes };
const script: TraceGas = { contract: null, method: null, calls: 1, gas: '20', opcodes: [] };

it('methods of one contract are added, those of equal name in others are not', () => {
  const other = { ...swap, contract: `0x${'cd'.repeat(32)}`, gas: '5' };
  const report = gasReportOf([treeOf([swap, script]), treeOf([swap, other])]);
  assert.deepEqual(
    report.methods.map(({ contract, method, calls, gas }) => [contract?.[2], method, calls, gas]),
    [
      ['a', 'swap', 2, 120n],
      [undefined, null, 1, 20n],
      ['c', 'swap', 1, 5n],
    ],
  );
  assert.deepEqual(report.methods[0]?.opcodes.get('ADD'), { count: 4, gas: 20n });
  assert.equal(report.totalGas, 2000n);
});

it('the table, with and without instructions; what could not be run is said', () => {
  const old = treeOf([], { source: 'receipts', call: {} as CallTree['call'] });
  const report = gasReportOf([treeOf([swap, script]), old]);
  const lines = reportText(report, true).split('\n');
  assert.deepEqual(lines.slice(0, 8), [
    '2 transactions, gas 2000, of which 80 by programs',
    '1 of them could not be run again: their gas is only in the total',
    '',
    'method            calls  own gas  share   per call',
    '0xabab…abab.swap  1      60       75.0 %  60',
    '  SWW             1      50       83.3 %  50',
    '  ADD             2      10       16.6 %  5',
    'script            1      20       25.0 %  20',
  ]);
  assert.doesNotMatch(reportText(report, false), /SWW/);
  assert.match(reportText(gasReportOf([]), false), /no program ran/);
});

it('two reports: dearer, cheaper, new, no longer called; deployed again under another id', () => {
  const again = { ...swap, contract: `0x${'cd'.repeat(32)}`, gas: '90' };
  const mint = { ...swap, method: 'mint', gas: '7' };
  const burn = { ...swap, method: 'burn', gas: '5' };
  const before = gasReportOf([treeOf([swap, script, mint])]);
  const after = gasReportOf([treeOf([again, again, script, burn])]);
  assert.deepEqual(changesText(compareReports(before, after)).split('\n'), [
    'method  before  now  own gas per call',
    'swap    60      90   +30 (50.0 %)',
    'mint    7            not called',
    'burn            5    new',
    'script  20      20   same',
  ]);
  assert.match(changesText(compareReports(after, before)), /swap +90 +60 +-30 \(-33\.3 %\)/);
});

it('predicates have rows of their own', () => {
  const predicate = {
    input: 0,
    owner: `0x${'ef'.repeat(32)}`,
    refused: null,
    gasDeclared: '9',
    gasUsed: '9',
    instructions: 3,
    end: null,
    code: [],
    opcodes: [{ name: 'RET', count: 1, gas: '9' }],
  };
  const once = gasReportOf([treeOf([script], { predicates: [predicate] })]);
  const twice = gasReportOf([
    treeOf([script], { predicates: [predicate, { ...predicate, gasUsed: '11' }] }),
  ]);
  assert.match(reportText(twice, false), /predicate 0xefef…efef +2 +20 +50\.0 % +10/);
  assert.match(changesText(compareReports(once, twice)), /predicate 0xefef…efef +9 +10 +\+1/);
});
