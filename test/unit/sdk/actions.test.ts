/** What the SDK adds: conflicts, inferred access, batches, preconfirmations, proofs, DA status. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEV_CONSENSUS_KEY } from '../../../node/defaults.ts';
import { bytesToHex, hexToBytes } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { addressOfSecret, sign } from '../../../primitives/secp256k1.ts';
import type { B256 } from '../../../primitives/types.ts';
import { submitBatch } from '../../../sdk/client/batch.ts';
import { conflictsWith } from '../../../sdk/client/conflicts.ts';
import { getDaBlock, getDaStatus } from '../../../sdk/client/daStatus.ts';
import {
  getInclusionProof,
  type InclusionProof,
  verifyInclusion,
} from '../../../sdk/client/inclusion.ts';
import { inferAccess } from '../../../sdk/client/inferAccess.ts';
import { followPreconfirmations } from '../../../sdk/client/preconfirmations.ts';
import { txId } from '../../../tx/id.ts';
import type { ScriptTx } from '../../../tx/types.ts';
import { CONTRACT_CODE, callerScript } from '../../support/callContract.ts';
import { type DevNode, GRAPHQL_URL, openDevNode, transferTo } from '../../support/devNode.ts';

const id = (n: number): B256 => `0x${n.toString(16).padStart(64, '0')}`;

async function withNode(run: (at: DevNode) => Promise<void>): Promise<void> {
  const at = await openDevNode();
  try {
    await run(at);
  } finally {
    await at.node.close();
  }
}

/** A transfer of a coin of its own, so that several do not dispute one. */
async function separate(at: DevNode, to: B256, index: number): Promise<ScriptTx> {
  const tx = await transferTo(at, to, 5n);
  const owner = at.node.accounts[0]!.address;
  const utxoId = await at.dev.fund(owner, 1_000_000n + BigInt(index), null);
  const coin = tx.inputs[0]!;
  assert.ok(coin.type === 'coin');
  const inputs = [
    {
      ...coin,
      amount: 1_000_000n + BigInt(index),
      utxoId: { txId: utxoId.slice(0, 66) as B256, outputIndex: 0 },
    },
  ];
  return signed(at, { ...tx, inputs });
}

async function signed(at: DevNode, tx: ScriptTx): Promise<ScriptTx> {
  const secret = hexToBytes(at.node.accounts[0]!.secret);
  return { ...tx, witnesses: [sign(secret, hexToBytes(txId(tx, 0n)))] };
}

test('conflicts: a shared coin and a shared contract, known without running', () =>
  withNode(async (at) => {
    const a = await transferTo(at, id(1), 5n);
    const b = await transferTo(at, id(2), 6n);
    const coin = a.inputs[0]!;
    assert.ok(coin.type === 'coin');
    const both = conflictsWith({ tx: a }, { tx: b });
    assert.deepEqual(both?.keys, [`u:${coin.utxoId.txId}0000`]);
    const c = await separate(at, id(3), 1);
    assert.equal(conflictsWith({ tx: a }, { tx: c }), null);
    const list = {
      writes: ['c:1'],
      reads: ['c:2'],
      creates: [],
      barrier: false,
      blobBarrier: false,
    };
    const reader = { ...list, writes: [], reads: ['c:1', 'c:2'] };
    assert.deepEqual(conflictsWith(list, reader)?.keys, ['c:1']);
    assert.deepEqual(conflictsWith(reader, list)?.keys, ['c:1']);
    assert.equal(conflictsWith(reader, reader), null);
    assert.deepEqual(conflictsWith({ ...reader, barrier: true }, reader), {
      keys: [],
      barrier: true,
    });
  }));

test('a batch: each its own outcome, in order; preconfirmations as one stream', () =>
  withNode(async (at) => {
    await at.dev.autoMine(false);
    const txs: ScriptTx[] = [];
    for (let i = 0; i < 5; i += 1) txs.push(await separate(at, id(i + 1), i));
    const bad = { ...txs[0]!, scriptData: new Uint8Array(8), witnesses: [new Uint8Array(64)] };
    const results = await submitBatch(at.client, [...txs.slice(0, 2), bad, ...txs.slice(2)]);
    assert.deepEqual(
      results.map(({ accepted }) => accepted),
      [true, true, false, true, true, true],
    );
    assert.ok(!results[2]!.accepted && /signature|Signature/.test(results[2]!.error.message));
    const ids = results.flatMap((each) => (each.accepted ? [each.id] : []));
    assert.deepEqual(
      ids,
      txs.map((tx) => txId(tx, 0n)),
    );
    const seen: string[] = [];
    setTimeout(() => void at.dev.mine(1, null), 30);
    for await (const { id: of, status } of followPreconfirmations(at.client, ids)) {
      seen.push(of);
      assert.ok(status.type === 'preconfirmed' || status.type === 'success', status.type);
    }
    assert.deepEqual(seen.sort(), [...ids].sort());
    assert.deepEqual(await submitBatch(at.client, []), []);
  }));

test('access is inferred: contracts, nested in any order, and what is only read', () =>
  withNode(async (at) => {
    const writer = id(0xa),
      reader = id(0xb);
    await at.dev.setContract({ code: CONTRACT_CODE, contractId: writer, slots: [] });
    await at.dev.setContract({ code: hexToBytes('24040000'), contractId: reader, slots: [] });
    const call = (contractId: B256) => ({ contractId, operations: 0n, key: 7n, coins: 0n });
    const script = callerScript([call(writer), call(reader)], at.baseAsset, null);
    const start = { ...(await transferTo(at, id(1), 5n)), ...script, scriptGasLimit: 1_000_000n };
    const target = { url: GRAPHQL_URL, fetch: at.fetch };
    const found = await inferAccess(at.client, start, target);
    assert.deepEqual([...found.contracts].sort(), [writer, reader]);
    assert.equal(found.variableOutputs, 0);
    assert.ok(found.outcome.success, String(found.outcome.reason));
    assert.deepEqual(found.readOnly, [reader]);
    assert.ok(found.dryRuns >= 2);
    assert.equal(found.tx.inputs.length, start.inputs.length + 2);
    const again = await inferAccess(at.client, found.tx);
    assert.deepEqual([again.contracts, again.dryRuns, again.readOnly], [[], 1, null]);
  }));

test('access is inferred: outputs for payments of the script', () =>
  withNode(async (at) => {
    // GTF data → 16; 17 = 16 + 32; TRO(to 16, output 18, amount one, asset 17).
    const words = [0x61400_00a, 0x50450020, 0x72480002, 0x3d412051, 0x24040000];
    const plain = await transferTo(at, id(1), 5n);
    const index = plain.outputs.length;
    words[2] = 0x7248_0000 + index;
    // op 0x3d: TRO
    words[3] = ((0x3d << 24) | (16 << 18) | (18 << 12) | (1 << 6) | 17) >>> 0;
    const script = new Uint8Array(words.length * 4);
    words.forEach((word, i) => new DataView(script.buffer).setUint32(4 * i, word));
    const scriptData = hexToBytes(id(0x77).slice(2) + at.baseAsset.slice(2));
    const outputs = plain.outputs.filter(({ type }) => type !== 'coin');
    const spare = { type: 'coin' as const, to: id(1), amount: 5n, assetId: at.baseAsset };
    const start = {
      ...plain,
      outputs: [spare, ...outputs],
      script,
      scriptData,
      scriptGasLimit: 100_000n,
    };
    // With change of the base asset everything is free for the script.
    const found = await inferAccess(at.client, start);
    assert.equal(found.variableOutputs, 1, String(found.outcome.reason));
    assert.ok(found.outcome.success);
    const paid = found.tx.outputs.at(-1);
    assert.equal(paid?.type, 'variable');
  }));

test('an inclusion proof holds by itself, and nothing of it can be changed', () =>
  withNode(async (at) => {
    await at.dev.autoMine(false);
    const txs: ScriptTx[] = [];
    for (let i = 0; i < 5; i += 1) txs.push(await separate(at, id(i + 1), i));
    await submitBatch(at.client, txs);
    await assert.rejects(
      getInclusionProof(at.client, txId(txs[0]!, 0n)),
      (thrown) => thrown instanceof CodedError && thrown.code === 'NOT_INCLUDED',
    );
    await at.dev.mine(1, null);
    const signer = addressOfSecret(hexToBytes(DEV_CONSENSUS_KEY));
    const block = at.node.services.store.latest;
    for (const tx of txs) {
      const proof = await getInclusionProof(at.client, txId(tx, 0n));
      assert.deepEqual(verifyInclusion(proof), { blockId: block.id, height: 1, signer });
    }
    const proof = await getInclusionProof(at.client, txId(txs[2]!, 0n));
    const other = await getInclusionProof(at.client, txId(txs[3]!, 0n));
    const flip = (hex: string): `0x${string}` => {
      const bytes = hexToBytes(hex);
      bytes[bytes.length - 1]! ^= 1;
      return bytesToHex(bytes);
    };
    const changed: readonly Partial<InclusionProof>[] = [
      { transaction: other.transaction },
      { txId: other.txId },
      { txId: other.txId, transaction: other.transaction },
      { index: proof.index + 1 },
      { index: -1 },
      { path: proof.path.slice(1) },
      { path: [...proof.path, id(1)] },
      { path: [flip(proof.path[0]!), ...proof.path.slice(1)] },
      { header: { ...proof.header, height: 2 } },
      { header: { ...proof.header, transactionsRoot: id(9) } },
      { header: { ...proof.header, id: id(9) } },
    ];
    for (const part of changed) {
      assert.throws(
        () => verifyInclusion({ ...proof, ...part }),
        (thrown) => thrown instanceof CodedError && thrown.code === 'PROOF_INVALID',
        Object.keys(part).join(),
      );
    }
    assert.notEqual(
      verifyInclusion({ ...proof, signature: other.signature && flip(other.signature) }).signer,
      signer,
    );
  }));

test('DA status: nothing is posted by a chain in memory; another node is told apart', () =>
  withNode(async (at) => {
    const target = { url: GRAPHQL_URL, fetch: at.fetch };
    assert.equal(await getDaStatus(target), null);
    await assert.rejects(getDaBlock(target, 1), /posts nothing/);
    const foreign = async (): Promise<Response> => new Response('nothing here', { status: 404 });
    await assert.rejects(
      getDaStatus({ url: GRAPHQL_URL, fetch: foreign }),
      (thrown) => thrown instanceof CodedError && thrown.code === 'NOT_FUELRAIL',
    );
  }));
