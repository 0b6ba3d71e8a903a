/** Proofs about the state hold by themselves, and nothing of them can be changed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeNode } from '../../../node/compose.ts';
import { embeddedConfig } from '../../../node/defaults.ts';
import { fetchOver } from '../../../node/inProcessFetch.ts';
import { SILENT_LOG } from '../../../node/log.ts';
import { bytesToHex, hexToBytes, readU64 } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import type { B256, UtxoKey } from '../../../primitives/types.ts';
import { getSettlementStatus } from '../../../sdk/client/settlementStatus.ts';
import {
  getStateProof,
  type StateProof,
  type StateSubject,
  verifyStateProof,
} from '../../../sdk/client/stateProof.ts';
import { coinOf, fundedChain } from '../../support/funded.ts';
import { until } from '../../support/until.ts';

const COINS = Array.from({ length: 20 }, (_, n) => coinOf(n, 1_000n + BigInt(n)));
const URL_ = 'http://fuelrail.invalid/v1/graphql';
const id = (n: number): B256 => `0x${n.toString(16).padStart(64, '0')}`;

test('state proofs: there, not there, and tampered with', async () => {
  const config = embeddedConfig({ workerCount: 0, stateTree: { historyBlocks: 8 } });
  const node = await composeNode(config, { log: SILENT_LOG, snapshot: fundedChain(COINS) });
  try {
    await node.start();
    await node.services.blocks.produceBlocks(2, null);
    await until('the tree is there', () => node.services.stateTree!.progress().lag === 0);
    const target = { url: URL_, fetch: fetchOver(node.api) };
    const { stateRoot } = (await node.services.stateTree!.rootsAt(2))!;
    const utxo: UtxoKey = `${COINS[3]!.utxoId.txId}0000`;
    const coin: StateSubject = { type: 'coin', utxo };
    const proof = await getStateProof(target, coin);
    const shown = verifyStateProof(coin, proof);
    assert.equal(shown.stateRoot, stateRoot);
    assert.equal(shown.height, 2);
    // Owner, amount, asset, pointer.
    assert.equal(readU64(hexToBytes(shown.value!), 32), 1_003n);
    const absent: readonly StateSubject[] = [
      { type: 'coin', utxo: `${id(5)}0000` },
      { type: 'message', nonce: id(5) },
      { type: 'contract', contract: id(5) },
      { type: 'code', contract: id(5) },
      { type: 'slot', contract: id(5), name: id(6) },
      { type: 'asset', contract: id(5), name: id(6) },
    ];
    for (const subject of absent) {
      const none = await getStateProof(target, subject, 1);
      assert.equal(verifyStateProof(subject, none).value, null, subject.type);
    }
    const flip = (hex: string): `0x${string}` => {
      const bytes = hexToBytes(hex);
      bytes[0]! ^= 1;
      return bytesToHex(bytes);
    };
    const changed: readonly Partial<StateProof>[] = [
      { value: flip(proof.value!) },
      { value: null },
      { siblings: proof.siblings.slice(1) },
      { siblings: [flip(proof.siblings[0]!), ...proof.siblings.slice(1)] },
      { roots: { ...proof.roots, coins: id(1) } },
      { roots: { ...proof.roots, stateRoot: id(1) } },
      { roots: { ...proof.roots, held: '7' } },
    ];
    const refused = (thrown: unknown): boolean =>
      thrown instanceof CodedError && thrown.code === 'PROOF_INVALID';
    for (const part of changed) {
      assert.throws(() => verifyStateProof(coin, { ...proof, ...part }), refused);
    }
    const other: StateSubject = { type: 'coin', utxo: `${COINS[4]!.utxoId.txId}0000` };
    assert.throws(() => verifyStateProof(other, proof), refused);
    // A node that answers another question, truthfully.
    const answering = (answer: StateProof): typeof target => ({
      url: URL_,
      fetch: (async () => new Response(JSON.stringify(answer))) as never,
    });
    await assert.rejects(getStateProof(answering(proof), other), refused);
    await assert.rejects(getStateProof(answering(proof), coin, 1), refused);
    assert.deepEqual(await getStateProof(answering(proof), coin, 2), proof);
    assert.deepEqual(await getSettlementStatus(target), { enabled: false });
  } finally {
    await node.close();
  }
});
