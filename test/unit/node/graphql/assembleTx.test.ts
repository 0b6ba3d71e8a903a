import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex, hexToBytes } from '../../../../primitives/bytes.ts';
import type { B256 } from '../../../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../../../tx/codec/transaction.ts';
import { gasToFee, maxGas } from '../../../../tx/fees.ts';
import type { PanicReceipt, ScriptResultReceipt } from '../../../../tx/receipt.ts';
import type { ChangeOutput, ScriptTx, VariableOutput } from '../../../../tx/types.ts';
import {
  addCoin,
  b256,
  type Fake,
  fakeServices,
  plainScript,
  utxoKey,
} from '../../../support/fakeServices.ts';
import { type Answer, ask } from '../../../support/graphqlClient.ts';

const BASE = b256(0);
const ASSET = b256(0xa55e7);
const ALICE = b256(0xa11ce);
const BOB = b256(0xb0b);
const RET = Uint8Array.of(0x24, 0, 0, 0);
const QUERY = `query($tx: HexString!, $required: [RequiredBalance!]!, $fee: U16!,
  $exclude: ExcludeInput, $reserve: U64, $horizon: U32!, $estimate: Boolean) {
  assembleTx(tx: $tx, blockHorizon: $horizon, requiredBalances: $required,
    feeAddressIndex: $fee, excludeInput: $exclude, reserveGas: $reserve,
    estimatePredicates: $estimate) {
    gasPrice transaction { rawPayload } status { __typename } } }`;

type Need = { assetId: B256; amount: string; account: object; changePolicy: object };
function need(assetId: B256, amount: number, owner: B256, change: B256 = owner): Need {
  const account = { address: owner };
  return { assetId, amount: String(amount), account, changePolicy: { change } };
}

function assembleOn(fake: Fake, tx: ScriptTx, variables: object): Promise<Answer> {
  const all = { tx: bytesToHex(encodeTx(tx)), fee: '0', horizon: '0', ...variables };
  return ask(fake, QUERY, all);
}

function txOf(answer: Answer): ScriptTx {
  assert.equal(answer.errors, undefined, answer.errors?.[0]?.message);
  const { transaction } = answer.data!['assembleTx'] as { transaction: { rawPayload: string } };
  const { tx } = decodeTx(hexToBytes(transaction.rawPayload));
  assert.equal(tx.type, 'script');
  return tx as ScriptTx;
}

function coinIndices(tx: ScriptTx): number[] {
  return tx.inputs.flatMap((input) =>
    input.type === 'coin' ? [Number(BigInt(input.utxoId.txId))] : [],
  );
}

const result = (gasUsed: bigint): ScriptResultReceipt => ({
  type: 'scriptResult',
  result: 0n,
  gasUsed,
});

test('inputs, change, witness room and max fee of a transfer', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 1, ALICE, ASSET, 60n);
  addCoin(fake.store, 2, ALICE, BASE, 1_000n);
  const output = { type: 'coin', to: BOB, amount: 50n, assetId: ASSET } as const;
  const answer = await assembleOn(fake, plainScript({ outputs: [output], policies: {} }), {
    required: [need(ASSET, 50, ALICE), need(BASE, 0, ALICE)],
    fee: '1',
    reserve: '100',
  });
  const tx = txOf(answer);
  assert.deepEqual(coinIndices(tx), [1, 2]);
  const change = (assetId: B256): ChangeOutput => ({
    type: 'change',
    to: ALICE,
    amount: 0n,
    assetId,
  });
  assert.deepEqual(tx.outputs, [output, change(ASSET), change(BASE)]);
  assert.deepEqual(tx.witnesses, [new Uint8Array(64)], 'one signer, one slot');
  assert.equal(tx.policies.witnessLimit, 72n);
  assert.equal(tx.scriptGasLimit, 0n);
  const { feeParams } = fake.params;
  const fee = gasToFee(maxGas(tx, fake.params) + 100n, 1n, feeParams.gasPriceFactor);
  assert.equal(tx.policies.maxFee, fee);
  assert.ok(fee > 0n);
  assert.deepEqual(fake.dryRunCalls.at(-1)?.options, { utxoValidation: false, gasPrice: 1n });
});

test('a script gets the contracts it misses, its gas limit and its variable outputs', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 2, ALICE, BASE, 1_000_000n);
  const contracts = [b256(0xc1), b256(0xc2)];
  const missing = (contractId: B256): PanicReceipt => ({
    type: 'panic',
    id: BASE,
    reason: 0x17,
    instruction: 0,
    pc: 0n,
    is: 0n,
    contractId,
  });
  fake.onDryRun = (tx) => {
    const known = tx.inputs.filter((input) => input.type === 'contract').length;
    const next = contracts[known];
    if (next !== undefined) return { success: false, receipts: [missing(next)] };
    const outputs = tx.outputs.map((out) => ({ ...out }));
    const variable = outputs.findIndex((out) => out.type === 'variable');
    if (variable >= 0) {
      outputs[variable + 1] = { type: 'variable', to: BOB, amount: 3n, assetId: ASSET };
    }
    return { receipts: [result(1_234n)], tx: { ...tx, outputs } };
  };
  const answer = await assembleOn(fake, plainScript({ script: RET }), {
    required: [need(BASE, 1, ALICE)],
  });
  const tx = txOf(answer);
  assert.deepEqual(
    tx.inputs.map((input) => (input.type === 'contract' ? input.contractId : input.type)),
    ['coin', ...contracts],
  );
  assert.equal(tx.scriptGasLimit, 1_234n);
  const variables = tx.outputs.filter((out): out is VariableOutput => out.type === 'variable');
  assert.deepEqual(
    tx.outputs.map((out) => (out.type === 'contract' ? out.inputIndex : out.type)),
    ['change', 1, 2, 'variable', 'variable'],
    'what comes after the last used variable output is dropped',
  );
  assert.equal(variables.at(-1)?.amount, 3n);
  const tried = fake.dryRunCalls.filter((call) => call.options.gasPrice === 0n);
  assert.equal(tried.length, 3);
  assert.equal(tried[0]?.txs[0]?.outputs.length, 255);
  assert.equal(maxGas(tried[0]!.txs[0]!, fake.params), fake.params.txParams.maxGasPerTx);
});

test('a script that finds new contracts again and again is given up', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 2, ALICE, BASE, 1_000_000n);
  let next = 1;
  fake.onDryRun = () => ({
    success: false,
    receipts: [
      {
        type: 'panic',
        id: BASE,
        reason: 0x17,
        instruction: 0,
        pc: 0n,
        is: 0n,
        contractId: b256(next++),
      },
    ],
  });
  const { errors } = await assembleOn(fake, plainScript({ script: RET }), {
    required: [need(BASE, 1, ALICE)],
  });
  assert.equal(
    errors?.[0]?.message,
    'The transaction script estimation requires running of script more than 3 times',
  );
});

test('a script without coins runs with a placeholder that does not stay', async () => {
  const fake = fakeServices();
  fake.services.gasPrice.worstCase = () => 0n;
  fake.onDryRun = () => ({ receipts: [result(5n)] });
  const answer = await assembleOn(fake, plainScript({ script: RET }), {
    required: [need(BASE, 0, ALICE)],
  });
  const tx = txOf(answer);
  assert.deepEqual(tx.inputs, []);
  assert.equal(fake.dryRunCalls[0]?.txs[0]?.type, 'script');
  assert.equal(tx.scriptGasLimit, 5n);
});

test('inputs that are there are not selected again; their assets get change', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 1, ALICE, BASE, 900n);
  addCoin(fake.store, 2, ALICE, BASE, 800n);
  const own = {
    type: 'coin',
    utxoId: { txId: b256(1), outputIndex: 0 },
    owner: ALICE,
    amount: 900n,
    assetId: BASE,
    txPointer: { blockHeight: 0, txIndex: 0 },
    witnessIndex: 1,
    predicateGasUsed: 0n,
    predicate: new Uint8Array(0),
    predicateData: new Uint8Array(0),
  } as const;
  const tx = txOf(
    await assembleOn(fake, plainScript({ inputs: [{ ...own }] }), {
      required: [need(BASE, 700, ALICE)],
    }),
  );
  assert.deepEqual(coinIndices(tx), [1, 2]);
  assert.deepEqual(
    tx.witnesses.map((witness) => witness.length),
    [0, 64],
    'the given witness index is kept for the signer',
  );
  const left = await assembleOn(fake, plainScript({ inputs: [{ ...own }] }), {
    required: [need(BASE, 700, ALICE)],
    exclude: { utxos: [utxoKey(2)], messages: [] },
  });
  assert.match(left.errors?.[0]?.message ?? '', /insufficient coins available/);
});

test('a predicate account unlocks its coins with its code, estimated when asked', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 1, BOB, BASE, 1_000_000n);
  fake.onEstimate = (tx) => ({
    ...tx,
    inputs: tx.inputs.map((input) =>
      input.type === 'coin' ? { ...input, predicateGasUsed: 77n } : input,
    ),
  });
  const predicate = { predicateAddress: BOB, predicate: '0x24040000', predicateData: '0x01' };
  const required = [{ ...need(BASE, 10, BOB), account: { predicate } }];
  const [input] = txOf(await assembleOn(fake, plainScript(), { required, estimate: true })).inputs;
  assert.ok(input?.type === 'coin');
  assert.equal(bytesToHex(input.predicate), '0x24040000');
  assert.equal(bytesToHex(input.predicateData), '0x01');
  assert.equal(input.predicateGasUsed, 77n);
});

test('requests that contradict themselves', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 1, ALICE, BASE, 1_000n);
  const texts: [object, string][] = [
    [{ required: [need(BASE, 1, ALICE)], fee: '1' }, 'The fee address index is out of bounds'],
    [
      { required: [need(BASE, 1, ALICE), need(BASE, 2, ALICE)] },
      'required balances contain duplicate (asset, account) pair',
    ],
    [
      { required: [need(BASE, 1, ALICE), need(BASE, 1, BOB)] },
      `The asset ${BASE.slice(2)} has multiple change policies`,
    ],
    [
      { required: [need(BASE, 0, BOB)] },
      `the target cannot be met due to insufficient coins available for ${BASE.slice(2)}. ` +
        `Collected: 0. Owner: ${BOB.slice(2)}.`,
    ],
    [
      { required: [need(BASE, 0, ALICE)], horizon: '4294967295', tx: '0x0000000000000002' },
      'buffer is too short',
    ],
  ];
  for (const [variables, text] of texts) {
    const { errors } = await assembleOn(fake, plainScript(), variables);
    assert.equal(errors?.[0]?.message, text);
  }
});
