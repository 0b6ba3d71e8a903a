import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { chainConfigToJson, parseChainConfig, signingKeyAt } from '../../../state/chainConfig.ts';
import { genesisBlock } from '../../../state/genesis.ts';
import { localChain } from '../../../state/localChain.ts';
import { openChainStore } from '../../../state/open.ts';
import type { Snapshot } from '../../../state/snapshot.ts';
import { parseStateConfig } from '../../../state/stateConfig.ts';
import { type LosslessJson, parseLosslessJson, stringifyLossless } from '../../../tx/json.ts';
import { dataFile } from '../../support/dataFile.ts';

type Recorded = {
  name: string;
  bytecodeHex: string;
  chainConfig: LosslessJson;
  stateConfig: LosslessJson;
  id: string;
  consensus: Record<string, string>;
  nextPrevRoot: string | null;
};

/** Block 0 of chains that fuel-core 0.48.2 made from the same configuration. */
const recorded = parseLosslessJson(
  gunzipSync(readFileSync(dataFile('state/genesis.json.gz'))).toString('utf8'),
) as unknown as Recorded[];

function snapshotOf(chain: Recorded): Snapshot {
  return {
    chainConfig: parseChainConfig('c.json', chain.chainConfig, hexToBytes(chain.bytecodeHex)),
    stateConfig: parseStateConfig('s.json', chain.stateConfig),
  };
}

describe('genesisBlock', () => {
  for (const chain of recorded) {
    it(`equals the reference's block: ${chain.name}`, async () => {
      const block = genesisBlock(snapshotOf(chain));
      assert.equal(block.header.id, chain.id);
      assert.deepEqual(block.consensus, { type: 'genesis', ...chain.consensus });
      const { initialise } = await openChainStore({ engine: 'memory' });
      const store = await initialise(block);
      const root = store.blocksRoot(store.latest.height);
      if (chain.nextPrevRoot !== null) assert.equal(root, chain.nextPrevRoot);
    });
  }

  it("equals the reference's block: the built-in local chain", () => {
    const block = genesisBlock(localChain());
    assert.equal(
      block.header.id,
      '0x573ab3c818af3e8c93b4b5ffc1b01c4f71f1fad978c797dcd2720aea10159699',
    );
    assert.deepEqual(block.consensus, {
      type: 'genesis',
      chainConfigHash: '0xb50d6a942876e10e764d8342e05e7c77234464c9750c8c32dcddfe34f3cfe7d3',
      coinsRoot: '0x09c2002cdaa42cfa2304852a4466739c3079b2d82cf4aca538bd0b360bd4ee20',
      contractsRoot: '0x70e4e3384ffe470a3802f0c1ff5fbb59fcea42329ef5bb9ef439d1db8853f438',
      messagesRoot: '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      transactionsRoot: '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    });
  });

  it('refuses what lies in the future and what is there twice', () => {
    const { chainConfig, stateConfig } = localChain();
    const [coin] = stateConfig.coins;
    const [contract] = stateConfig.contracts;
    assert.ok(coin !== undefined && contract !== undefined);
    const later = { blockHeight: 1, txIndex: 0 };
    const message = {
      sender: coin.owner,
      recipient: coin.owner,
      nonce: coin.assetId,
      amount: 1n,
      data: new Uint8Array(0),
      daHeight: 0n,
    };
    const cases: [Partial<typeof stateConfig>, RegExp][] = [
      [{ coins: [coin, coin] }, /coins\[1\] repeats/],
      [{ coins: [{ ...coin, txPointer: later }] }, /coins\[0\]\.tx_pointer_block_height/],
      [{ contracts: [contract, contract] }, /contracts\[1\]\.contract_id repeats/],
      [{ contracts: [{ ...contract, txPointer: later }] }, /contracts\[0\]\.tx_pointer/],
      [{ messages: [message, message] }, /messages\[1\]\.nonce repeats/],
      [{ messages: [{ ...message, daHeight: 1n }] }, /messages\[0\]\.da_height/],
    ];
    for (const [change, message] of cases) {
      const snapshot = { chainConfig, stateConfig: { ...stateConfig, ...change } };
      assert.throws(() => genesisBlock(snapshot), { code: 'SNAPSHOT_INVALID', message });
    }
  });
});

describe('chain configuration', () => {
  it('survives its JSON form', () => {
    for (const chain of recorded) {
      const { chainConfig } = snapshotOf(chain);
      const text = stringifyLossless(chainConfigToJson(chainConfig));
      const back = parseChainConfig(
        'c.json',
        parseLosslessJson(text),
        hexToBytes(chain.bytecodeHex),
      );
      assert.deepEqual(back, chainConfig);
    }
  });

  it('knows who signs at which height', () => {
    const regenesis = recorded.find(({ name }) => name === 'regenesis');
    assert.ok(regenesis !== undefined);
    const { consensus } = snapshotOf(regenesis).chainConfig;
    assert.ok(consensus.type === 'poaV2');
    const overrides = consensus.signingKeyOverrides;
    assert.deepEqual([...overrides.keys()], [5, 300]);
    assert.equal(signingKeyAt(consensus, 4), consensus.genesisSigningKey);
    assert.equal(signingKeyAt(consensus, 5), overrides.get(5));
    assert.equal(signingKeyAt(consensus, 299), overrides.get(5));
    assert.equal(signingKeyAt(consensus, 300), overrides.get(300));
  });
});
