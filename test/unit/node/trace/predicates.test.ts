/** What predicates cost and decide, in a block and before one. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { treeText } from '../../../../cli/trace/text.ts';
import type { CallTree, TracePredicate } from '../../../../node/trace/types.ts';
import { bytesToHex, hexToBytes } from '../../../../primitives/bytes.ts';
import { ZERO_B256 } from '../../../../primitives/types.ts';
import { getChainInfo } from '../../../../sdk/client/chain.ts';
import { estimatePredicate, predicateAddress } from '../../../../sdk/client/predicates.ts';
import { submitAndWait } from '../../../../sdk/client/transactions.ts';
import { planTransfer, signTransfer } from '../../../../sdk/client/transfer.ts';
import { encodeTx } from '../../../../tx/codec/index.ts';
import type { CoinInput, ScriptTx } from '../../../../tx/types.ts';
import { assemble, parseInstruction } from '../../../../vm/asm.ts';
import { type TraceNode, traceNode } from '../../../support/traceNode.ts';

const EMPTY = new Uint8Array(0);
const AMOUNT = 1_000_000n;
const codeOf = (...lines: string[]): Uint8Array => assemble(lines.map(parseInstruction));
const YES = codeOf('MOVI $16 7', 'EQ $17 $16 $16', 'RET $17');
const NO = codeOf('MOVI $16 7', 'RET $zero');
const BREAKS = codeOf('MOVI $16 7', 'DIV $16 $16 $zero', 'RET $one');

let world: TraceNode;
before(async () => {
  world = await traceNode();
});
after(() => world.node.close());

const coin = (code: Uint8Array, over: Partial<CoinInput> = {}): CoinInput => ({
  type: 'coin',
  utxoId: { txId: ZERO_B256, outputIndex: 0 },
  owner: predicateAddress(code),
  amount: AMOUNT,
  assetId: ZERO_B256,
  txPointer: { blockHeight: 0, txIndex: 0 },
  witnessIndex: 0,
  predicateGasUsed: 0n,
  predicate: code,
  predicateData: EMPTY,
  ...over,
});

const spending = (inputs: readonly CoinInput[], assetId: `0x${string}`): ScriptTx => ({
  type: 'script',
  scriptGasLimit: 0n,
  receiptsRoot: ZERO_B256,
  script: EMPTY,
  scriptData: EMPTY,
  policies: { maxFee: AMOUNT / 2n },
  inputs: inputs.map((each) => ({ ...each, assetId })),
  outputs: [],
  witnesses: [],
});

async function spendInBlock(from: TraceNode): Promise<CallTree> {
  const { baseAssetId } = await getChainInfo(from.client);
  const [rich] = from.node.accounts;
  assert.ok(rich);
  const to = predicateAddress(YES);
  const payment = { to, assetId: baseAssetId, amount: AMOUNT };
  const plan = await planTransfer(from.client, rich.address, [payment]);
  await submitAndWait(from.client, signTransfer(plan, hexToBytes(rich.secret)));
  const predicateGasUsed = await estimatePredicate(from.client, YES, EMPTY);
  const input = coin(YES, { utxoId: { txId: plan.id, outputIndex: 0 }, predicateGasUsed });
  const status = await submitAndWait(from.client, spending([input], baseAssetId));
  assert.equal(status.type, 'success');
  const { body } = await from.get('/trace/block/latest');
  return body.traces[0] as CallTree;
}

it('in a block: gas, instructions and outcome of each', async () => {
  const tree = await spendInBlock(world);
  const [predicate, ...others] = tree.predicates;
  assert.ok(predicate);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [predicate.input, predicate.owner, predicate.refused, predicate.instructions],
    [0, predicateAddress(YES), null, 3],
  );
  assert.equal(predicate.gasUsed, predicate.gasDeclared);
  assert.deepEqual(predicate.end, { type: 'return', value: '1' });
  const byOpcode = predicate.opcodes.reduce((sum, { gas }) => sum + BigInt(gas), 0n);
  assert.equal(byOpcode, BigInt(predicate.gasUsed));
  assert.match(treeText(tree), /predicate of input 0, 0x[0-9a-f]{64}: passed, gas \d+ in 3 instr/);
});

it('a node that runs nothing again tells what the inputs declare', async () => {
  const quiet = await traceNode({ debug: false });
  try {
    const [predicate] = (await spendInBlock(quiet)).predicates;
    assert.ok(predicate && predicate.gasUsed === predicate.gasDeclared);
    assert.deepEqual(
      [predicate.refused, predicate.instructions, predicate.end],
      [null, null, null],
    );
    assert.ok(BigInt(predicate.gasUsed) > 0n);
  } finally {
    await quiet.node.close();
  }
});

it('before a block: why an input could not be spent', async () => {
  const { baseAssetId } = await getChainInfo(world.client);
  const gas = await estimatePredicate(world.client, YES, EMPTY);
  const places = (n: number): Partial<CoinInput> => ({
    utxoId: { txId: ZERO_B256, outputIndex: n },
  });
  const inputs = [
    coin(NO, places(0)),
    coin(BREAKS, places(1)),
    coin(YES, places(2)),
    coin(YES, { ...places(3), predicateGasUsed: gas }),
    coin(YES, { ...places(4), predicateGasUsed: gas, owner: ZERO_B256 }),
  ];
  const tx = bytesToHex(encodeTx(spending(inputs, baseAssetId)));
  const { status, body } = await world.post({ tx });
  assert.equal(status, 200, JSON.stringify(body));
  const predicates = (body as CallTree).predicates as readonly TracePredicate[];
  const reasons = predicates.map(({ refused }) => refused);
  assert.deepEqual(reasons, [
    'it returned 0 instead of 1',
    'it panicked: ArithmeticError',
    `it uses ${gas} gas and the input declares 0: estimate the predicates`,
    null,
    'the owner is not the address of this code',
  ]);
  const { end, code } = predicates[1] as TracePredicate;
  assert.ok(end?.type === 'panic');
  assert.equal(end.instruction, 'DIV $16 $16 $zero');
  assert.equal(code.find(({ offset }) => offset === end.offset)?.text, end.instruction);
  assert.match(treeText(body as never), /> +\+0x4 {2}DIV \$16 \$16 \$zero/);
});
