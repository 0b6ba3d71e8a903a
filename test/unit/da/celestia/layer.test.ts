import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { bech32 } from '../../../../da/celestia/bech32.ts';
import { celestiaDa, celestiaGas } from '../../../../da/celestia/layer.ts';
import { verifyInclusion } from '../../../../da/celestia/nmt.ts';
import { celestiaPayer } from '../../../../da/celestia/payForBlobs.ts';
import {
  chainNamespace,
  FIRST_SHARE_DATA_BYTES,
  NEXT_SHARE_DATA_BYTES,
  namespaceOf,
  shareCommitment,
  shareCount,
  sharesOf,
} from '../../../../da/celestia/shares.ts';
import type { DaPointer, DaProof, DataAvailability } from '../../../../da/ports.ts';
import { jsonRpc, type Rpc } from '../../../../da/rpc.ts';
import { bytesToHex, hexToBytes } from '../../../../primitives/bytes.ts';
import { CelestiaNode } from '../../../support/celestiaNode.ts';
import { attemptOf, daContract, everything, postOne } from '../../../support/daContract.ts';
import { never } from '../../../support/daRuns.ts';
import { testDataUrl } from '../../../vectors/host.ts';

const NAMESPACE = chainNamespace(9889n, null);
const nodes: CelestiaNode[] = [];
after(() => Promise.all(nodes.map((node) => node.stop().catch(() => {}))));

async function nodeOf(): Promise<CelestiaNode> {
  const node = await CelestiaNode.start();
  nodes.push(node);
  return node;
}

function rpcOf(node: CelestiaNode, token: string | null = node.token): Rpc {
  return jsonRpc({ url: node.url, token, layer: 'celestia' });
}

function layerOf(node: CelestiaNode): DataAvailability {
  return celestiaDa(rpcOf(node), { namespace: NAMESPACE, gasPrice: null, payer: null });
}

const SECRET = `0x${'31'.repeat(32)}` as const;

function payingLayer(node: CelestiaNode): DataAvailability {
  const options = { namespace: NAMESPACE, gasPrice: 0.01 };
  const payer = celestiaPayer(rpcOf(node, null), { ...options, secret: SECRET, pollMs: 1 });
  return celestiaDa(rpcOf(node), { ...options, payer });
}

daContract('celestia, bridge', async () => layerOf(await nodeOf()), { fillsBlobs: false });
daContract('celestia, own payment', async () => payingLayer(await nodeOf()), { fillsBlobs: false });

const blob = (length: number, seed: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
};

describe('share commitments', () => {
  it('are those of the Rust implementation', () => {
    const vectors = JSON.parse(readFileSync(testDataUrl('celestiaCommitments.json'), 'utf8'));
    for (const { bytes, id, commitment } of vectors) {
      const computed = shareCommitment(namespaceOf(hexToBytes(id)), blob(bytes, bytes));
      assert.equal(bytesToHex(computed), `0x${commitment}`, `${bytes} bytes`);
    }
    assert.ok(vectors.length > 20);
  });

  it('count shares at their bounds', () => {
    for (const [bytes, count] of [
      [0, 1],
      [FIRST_SHARE_DATA_BYTES, 1],
      [FIRST_SHARE_DATA_BYTES + 1, 2],
      [FIRST_SHARE_DATA_BYTES + NEXT_SHARE_DATA_BYTES, 2],
      [FIRST_SHARE_DATA_BYTES + NEXT_SHARE_DATA_BYTES + 1, 3],
    ] as const) {
      assert.equal(shareCount(bytes), count);
      assert.equal(sharesOf(NAMESPACE, new Uint8Array(bytes)).length, count);
    }
    assert.equal(celestiaGas([1_000]), Math.ceil((3 * 4096 + 700 + 75_000) * 1.1));
  });

  it('namespaces are apart for chains, and never reserved', () => {
    assert.equal(NAMESPACE.length, 29);
    assert.deepEqual(NAMESPACE.subarray(0, 19), new Uint8Array(19));
    assert.notDeepEqual(chainNamespace(1n, null), NAMESPACE);
    const given = chainNamespace(1n, '0x0102030405060708090a');
    assert.equal(bytesToHex(given.subarray(19)), '0x0102030405060708090a');
  });

  it('addresses follow BIP-173', () => {
    assert.equal(
      bech32('bc', hexToBytes('751e76e8199196d454941c45d1b3a323f1433bd6')).slice(0, 3),
      'bc1',
    );
    // A vector of the BIP without a witness version: data part of "split".
    assert.equal(
      bech32('abcdef', hexToBytes('00443214c74254b635cf84653a56d7c675be77df')),
      'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw',
    );
  });
});

describe('celestia', () => {
  it('proves blobs that span rows, at every place in them', async () => {
    const node = await nodeOf();
    const da = layerOf(node);
    for (const [before, length] of [
      [1, 100],
      [700, 2_000],
      [3_000, 9_000],
      [5_000, 478],
      [100, 40_000],
    ] as const) {
      const data = blob(length, length);
      const height = node.land([
        { namespace: NAMESPACE, data: blob(before, 5) },
        { namespace: NAMESPACE, data },
        // Behind ours in the order of namespaces: the fake lays them as they come.
        { namespace: new Uint8Array(29).fill(0xfe), data: blob(50, 6) },
      ]);
      const pointer = (await everything(da)).findLast(
        (each) =>
          each.height === BigInt(height) &&
          each.commitment === bytesToHex(shareCommitment(NAMESPACE, data)),
      )!;
      const proof = await da.proof(pointer, never);
      assert.equal(await da.verify(pointer, data, proof), true, `${before} ${length}`);
      await refusesChanges(da, pointer, data, proof);
    }
  });

  it('says that a token is missing', async () => {
    const node = await nodeOf();
    const options = { namespace: NAMESPACE, gasPrice: null, payer: null };
    const da = celestiaDa(rpcOf(node, null), options);
    await assert.rejects(postOne(da, blob(5, 1)), {
      code: 'DA_UNAVAILABLE',
      message: /FUELRAIL_DA_TOKEN/,
    });
    assert.equal((await da.health(never)).ok, false);
  });

  it('does not believe bytes that do not match, nor null', async () => {
    const node = await nodeOf();
    const pointer = await postOne(layerOf(node), blob(3_000, 1));
    for (const lie of ['cut', 'change', 'null'] as const) {
      node.faults.lie = lie;
      await assert.rejects(layerOf(node).get(pointer, never), { code: 'DA_CORRUPT' }, lie);
      if (lie === 'null') continue;
      await assert.rejects(everything(layerOf(node)), { code: 'DA_CORRUPT' }, lie);
    }
    node.faults.lie = 'no';
    assert.deepEqual(await layerOf(node).get(pointer, never), blob(3_000, 1));
  });

  it('finds what landed although the answer never came, and sends again what did not', async () => {
    const node = await nodeOf();
    const da = layerOf(node);
    const landed = attemptOf();
    node.faults.dropAnswers = true;
    await assert.rejects(da.submit([blob(10, 1)], landed, never), { code: 'DA_UNAVAILABLE' });
    node.faults.dropAnswers = false;
    const [found] = (await da.find(landed.intents[0]!, never))!;
    assert.deepEqual(await da.submit([blob(10, 1)], attemptOf(landed.intents[0]!), never), [found]);
    const lost = attemptOf();
    node.faults.stalled = true;
    await assert.rejects(da.submit([blob(10, 2)], lost, never), { code: 'DA_UNAVAILABLE' });
    node.faults.stalled = false;
    assert.equal(await da.find(lost.intents[0]!, never), null);
    await da.submit([blob(10, 2)], attemptOf(lost.intents[0]!), never);
    assert.equal((await everything(da)).length, 2);
  });

  it('goes on when the node was killed and came back', async () => {
    const node = await nodeOf();
    const { port } = node;
    const da = layerOf(node);
    await postOne(da, blob(10, 1));
    await node.stop();
    await assert.rejects(postOne(da, blob(10, 2)), { code: 'DA_UNAVAILABLE' });
    await node.listen(port);
    await postOne(da, blob(10, 2));
    assert.equal((await everything(da)).length, 2);
  });

  it('passes over blobs of others in its own namespace, and twice the same', async () => {
    const node = await nodeOf();
    const da = layerOf(node);
    const first = await postOne(da, blob(10, 1));
    node.land([{ namespace: NAMESPACE, data: blob(10, 1) }]);
    node.land([{ namespace: chainNamespace(1n, null), data: blob(10, 3) }]);
    const all = await everything(da);
    assert.equal(all.length, 2);
    assert.deepEqual(all[0], first);
    assert.equal(all[1]!.commitment, first.commitment);
  });

  it('takes the number that the node expects when its own is stale', async () => {
    const node = await nodeOf();
    const da = payingLayer(node);
    const attempt = attemptOf();
    const record = attempt.record;
    let moved = false;
    attempt.record = async (intent) => {
      await record(intent);
      // Somebody else has used the key in between.
      if (!moved) node.sequence += 3n;
      moved = true;
    };
    await da.submit([blob(300, 1)], attempt, never);
    assert.deepEqual(
      attempt.intents.map(({ memo }) => memo['sequence']),
      ['7', '10'],
    );
    assert.equal(new Set(attempt.intents.map(({ memo }) => memo['txHash'])).size, 2);
  });
});

async function refusesChanges(
  da: DataAvailability,
  pointer: DaPointer,
  data: Uint8Array,
  proof: DaProof,
): Promise<void> {
  assert.ok(proof.kind === 'nmt');
  const { proof: inclusion } = proof;
  const [row] = inclusion.rows;
  const rows = inclusion.rows.slice(1);
  const changed: (typeof inclusion)[] = [
    { ...inclusion, dataRoot: `0x${'00'.repeat(32)}` },
    { ...inclusion, rowRoots: [...inclusion.rowRoots].reverse() },
    { ...inclusion, rows: [{ ...row!, row: row!.row + 1 }, ...rows] },
    { ...inclusion, rows: [{ ...row!, start: row!.start + 1, end: row!.end + 1 }, ...rows] },
    { ...inclusion, rows: [{ ...row!, nodes: row!.nodes.slice(1) }, ...rows] },
    { ...inclusion, rows: [{ ...row!, nodes: [...row!.nodes, ...row!.nodes] }, ...rows] },
    { ...inclusion, rows },
    { ...inclusion, rows: [] },
  ];
  for (const [i, each] of changed.entries()) {
    const isSame = JSON.stringify(each) === JSON.stringify(inclusion);
    if (isSame) continue;
    const answer = await da.verify(pointer, data, { kind: 'nmt', proof: each });
    assert.equal(answer, false, `change ${i} of ${data.length} bytes`);
  }
  assert.equal(verifyInclusion(NAMESPACE, [], inclusion), false);
}
