/** Damaged snapshots: the complaint is always SNAPSHOT_INVALID, and names the file and the field. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CodedError } from '../../../primitives/errors.ts';
import { genesisBlock } from '../../../state/genesis.ts';
import { readSnapshot } from '../../../state/snapshot.ts';
import { randomOf } from '../../support/chainMaker.ts';
import { coinOf, fundedChain, writeSnapshot } from '../../support/funded.ts';
import { mutateBytes, mutateJson, seedOf } from '../../support/mutate.ts';

const FILES = ['metadata.json', 'chain_config.json', 'state_config.json'] as const;
const ID = 'ab'.repeat(32);
const dir = mkdtempSync(join(tmpdir(), 'fuelrail-snapshot-'));
after(() => rmSync(dir, { recursive: true }));

/** Files that use every part of the format; numbers stay below 2^53 so that plain JSON keeps them. */
function goodFiles(): Map<string, string> {
  const contract = {
    id: `0x${ID}` as const,
    code: Uint8Array.of(0x24, 0, 0, 0),
    slots: [{ key: ID, value: ID }],
  };
  const chain = fundedChain([coinOf(0), coinOf(1)], [contract]);
  const state = chain.stateConfig as Record<string, any>;
  const stateConfig = {
    ...state,
    contracts: [{ ...state['contracts'][0], balances: [{ asset_id: ID, amount: 7 }] }],
    messages: [{ sender: ID, recipient: ID, nonce: ID, amount: 5, data: 'ff00', da_height: 3 }],
    blobs: [{ blob_id: ID, payload: '0102' }],
    last_block: {
      block_height: 9,
      da_block_height: 12,
      consensus_parameters_version: 1,
      state_transition_version: 30,
      blocks_root: ID,
    },
  };
  writeSnapshot(dir, { chainConfig: chain.chainConfig, stateConfig });
  return new Map(FILES.map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
}

/** @returns the complaint, or null when the snapshot is accepted */
function complaint(what: string): CodedError | null {
  try {
    genesisBlock(readSnapshot(dir));
    return null;
  } catch (thrown) {
    const shown = thrown instanceof Error ? thrown.stack : String(thrown);
    assert.ok(thrown instanceof CodedError, `${what}: ${shown}`);
    assert.equal(thrown.code, 'SNAPSHOT_INVALID', `${what}: ${shown}`);
    return thrown;
  }
}

test('the undamaged snapshot is accepted', () => {
  goodFiles();
  assert.equal(complaint('undamaged'), null);
});

test('wrong, missing and junk values are named', () => {
  const random = randomOf(seedOf('bad snapshot values', 5));
  const good = goodFiles();
  let refused = 0;
  for (let i = 0; i < 1_500; i++) {
    const name = FILES[random(20) === 0 ? 0 : 1 + random(2)] as string;
    const damaged = mutateJson(JSON.parse(good.get(name) as string), random);
    writeFileSync(join(dir, name), JSON.stringify(damaged.value));
    const error = complaint(`${name} ${damaged.what}`);
    writeFileSync(join(dir, name), good.get(name) as string);
    if (error === null) continue;
    refused += 1;
    const { file, path } = error.context;
    assert.ok(error.message.startsWith(String(file)), error.message);
    assert.ok(String(path).length > 0 || name === 'metadata.json', error.message);
    assert.ok(error.message.length < 400, 'a message is short');
  }
  // Some damage is harmless: members that nobody reads, other numbers where any number will do.
  assert.ok(refused > 700, `only ${refused} of 1500 were refused`);
});

test('damaged text is named', () => {
  const random = randomOf(seedOf('bad snapshot text', 6));
  const good = goodFiles();
  for (let i = 0; i < 600; i++) {
    const name = FILES[random(3)] as string;
    const text = good.get(name) as string;
    writeFileSync(join(dir, name), mutateBytes(new TextEncoder().encode(text), random));
    const error = complaint(`${name}, round ${i}`);
    writeFileSync(join(dir, name), text);
    if (error !== null) assert.ok(error.message.length > 10);
  }
});

test('files that are not there are named', () => {
  for (const name of FILES) {
    const text = goodFiles().get(name) as string;
    rmSync(join(dir, name));
    assert.match(complaint(`without ${name}`)?.message ?? '', new RegExp(name));
    writeFileSync(join(dir, name), text);
  }
});
