/** The decoder of the contracts agrees with the codec: on the vectors, and on damaged ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { binaryProof, binaryRoot } from '../../primitives/merkle/binary.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { MintTx, UploadTx } from '../../tx/types.ts';
import { Anvil, anvilPath } from '../support/anvil.ts';
import { idOf, randomOf } from '../support/chainMaker.ts';
import { mutateBytes, seedOf } from '../support/mutate.ts';
import { RandomChain } from '../support/randomBlock.ts';
import { deployProbe, PROBE } from '../support/settlementContracts.ts';
import { paramsOf, testDataUrl } from '../vectors/host.ts';
import { readVectors } from '../vectors/json.ts';

const CHAIN_ID = 7n;
const STEP = 100;
/** Traces of marked contracts take their time. */
const IS_MARKED = process.env['FUELRAIL_CONTRACTS'] !== undefined;
const MUTANTS = IS_MARKED ? 1_000 : 12_000;
const BYTES_MAX = 6_000;

/** What the codec says: canonical or not, and the id. */
function expected(raw: Uint8Array): readonly [boolean, string] {
  try {
    const { tx, bytesUsed, isCanonical } = decodeTx(raw);
    if (!isCanonical || bytesUsed !== raw.length) return [false, ZERO_B256];
    return [true, tx.type === 'mint' ? ZERO_B256 : txId(tx, CHAIN_ID)];
  } catch (error) {
    if (error instanceof CodedError && error.code === 'TX_DECODE') return [false, ZERO_B256];
    throw error;
  }
}

/** The kinds that neither the vectors nor the random chain have. */
function rareKinds(): Uint8Array[] {
  const txPointer = { blockHeight: 9, txIndex: 3 };
  const utxoId = { txId: idOf('utxo'), outputIndex: 2 };
  const roots = { balanceRoot: idOf('balances'), stateRoot: idOf('state') };
  const mint: MintTx = {
    type: 'mint',
    txPointer,
    inputContract: { utxoId, ...roots, txPointer, contractId: idOf('contract') },
    outputContract: { inputIndex: 0, ...roots },
    mintAmount: 77n,
    mintAssetId: idOf('asset'),
    gasPrice: 3n,
  };
  const uploads = [0, 1, 5].map(
    (count): UploadTx => ({
      type: 'upload',
      root: idOf('root'),
      witnessIndex: 0,
      subsectionIndex: count,
      subsectionsNumber: 7,
      proofSet: Array.from({ length: count }, (_, i) => idOf(`proof ${i}`)),
      policies: { maxFee: 5n, expiration: 90n },
      inputs: [],
      outputs: [],
      witnesses: [new Uint8Array(13), new Uint8Array(0)],
    }),
  );
  return [mint, ...uploads].flatMap((tx) => Array.from({ length: 10 }, () => encodeTx(tx)));
}

function samples(): Uint8Array[] {
  const path = fileURLToPath(testDataUrl('tx.jsonl.gz'));
  const fromVectors = [...readVectors(path)].map(({ request }) =>
    hexToBytes((request as { hex: string }).hex),
  );
  const chain = new RandomChain(11, paramsOf({ params: 'local' }));
  const made = chain.txs(150).map(({ raw }) => raw);
  return [...fromVectors, ...made, ...rareKinds()].filter(({ length }) => length <= BYTES_MAX);
}

test('decoder and codec', { skip: anvilPath() === null }, async (t) => {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const probe = await deployProbe(anvil);
  const compare = async (raws: readonly Uint8Array[]): Promise<number> => {
    let canonicalCount = 0;
    for (let from = 0; from < raws.length; from += STEP) {
      const some = raws.slice(from, from + STEP);
      const [canonical, ids] = await anvil.read<[boolean[], string[]]>(probe, PROBE, 'read', [
        some.map(bytesToHex),
        CHAIN_ID,
      ]);
      some.forEach((raw, i) => {
        assert.deepEqual([canonical[i], ids[i]], expected(raw), bytesToHex(raw));
        if (canonical[i]) canonicalCount += 1;
      });
    }
    return canonicalCount;
  };

  await t.test('on good transactions of every kind', async () => {
    const all = samples();
    const canonicalCount = await compare(all);
    assert.ok(all.length > 250 && canonicalCount > 200, `${canonicalCount} of ${all.length}`);
    const kinds = new Set(all.map((raw) => raw[7]));
    assert.deepEqual([...kinds].sort(), [0, 1, 2, 3, 4, 5]);
  });

  await t.test('on damaged ones', async () => {
    const random = randomOf(seedOf('decoder', 20_261_121));
    const good = samples();
    const mutants = Array.from({ length: MUTANTS }, () =>
      mutateBytes(good[random(good.length)]!, random),
    );
    const canonicalCount = await compare(mutants);
    // Both answers must occur often, or nothing was compared.
    const [few, many] = [MUTANTS / 12, (MUTANTS * 11) / 12];
    assert.ok(canonicalCount > few && canonicalCount < many, String(canonicalCount));
  });

  await t.test('Merkle trees of every size up to 20', async () => {
    for (let count = 1; count <= (IS_MARKED ? 6 : 20); count++) {
      const leaves = Array.from({ length: count }, (_, i) => hexToBytes(idOf(`leaf ${i}`)));
      const root = bytesToHex(binaryRoot(leaves));
      assert.equal(await anvil.read(probe, PROBE, 'rootOf', [leaves.map(bytesToHex)]), root);
      for (let index = 0; index < count; index++) {
        const path = binaryProof(leaves, index).proof.map(bytesToHex);
        const ask = (at: number, of: number, proof: readonly string[]): Promise<boolean> =>
          anvil.read(probe, PROBE, 'includes', [root, bytesToHex(leaves[index]!), at, of, proof]);
        assert.equal(await ask(index, count, path), true);
        assert.equal(await ask(index, count, [...path, ZERO_B256]), false);
        assert.equal(await ask((index + 1) % (count + 1), count, path), false);
        if (path.length > 0) assert.equal(await ask(index, count, path.slice(1)), false);
      }
    }
  });
});
