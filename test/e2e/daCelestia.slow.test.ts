/**
 * A thousand transactions through Celestia and back: posted, read again, proofs verified, a follower
 * at the same tip; and what can go wrong with real nodes.
 *
 * Real nodes, whichever is set:
 * - FUELRAIL_CELESTIA_URL and FUELRAIL_DA_TOKEN: a bridge or light node with funds;
 * - FUELRAIL_CELESTIA_APPD and FUELRAIL_CELESTIA_NODE: binaries, from which a devnet is started; only
 *   it is killed, halted, and recorded into test/data/celestia (FUELRAIL_RECORD=1).
 *
 * Without them against the fake of `test/support/celestiaNode.ts`; what real nodes answered is
 * replayed by `test/unit/da/celestia/recorded.test.ts`.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { namespaceOf } from '../../da/celestia/shares.ts';
import { RpcRefusal } from '../../da/rpc.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { judgedByNode, postChain, readChain } from '../support/celestiaChain.ts';
import { CELESTIA_PAYER_KEY, CelestiaDevnet, celestiaBinaries } from '../support/celestiaDevnet.ts';
import { CelestiaNode } from '../support/celestiaNode.ts';
import {
  bridgeLayer,
  bridgeRpc,
  listed,
  noise,
  payingLayer,
  SCENES,
  tipOf,
} from '../support/celestiaScenes.ts';
import { CelestiaTape, type TapeSource } from '../support/celestiaTape.ts';
import { attemptOf, daContract, postOne } from '../support/daContract.ts';
import { ROOT } from '../support/nodeProcess.ts';

const TX_COUNT = 1_000;
const never = new AbortController().signal;
const binaries = celestiaBinaries();
const givenUrl = process.env['FUELRAIL_CELESTIA_URL'] ?? null;

let namespaces = 0;
/** A network remembers: each use has a namespace of its own. */
function freshNamespace(): Uint8Array {
  const id = Date.now() * 1_000 + namespaces++;
  return namespaceOf(hexToBytes(id.toString(16).padStart(20, '0')));
}

async function throughAndBack(source: TapeSource, isReal: boolean): Promise<string> {
  const chain = await postChain(source, TX_COUNT);
  const report = await readChain(source, chain);
  if (isReal) assert.equal(await judgedByNode(source, chain), report.proofs);
  return JSON.stringify(report);
}

if (givenUrl !== null) {
  const source = {
    url: givenUrl,
    consensusUrl: process.env['FUELRAIL_CELESTIA_CONSENSUS_URL'] ?? '',
    token: process.env['FUELRAIL_DA_TOKEN'] ?? '',
  };
  it(`${TX_COUNT} transactions through a real Celestia`, { timeout: 900_000 }, async (t) => {
    t.diagnostic(await throughAndBack(source, true));
  });
} else if (binaries !== null) {
  describe('a devnet of real nodes', { timeout: 900_000 }, () => onDevnet());
} else {
  it(`${TX_COUNT} transactions through the fake of Celestia`, async (t) => {
    const node = await CelestiaNode.start();
    const source = { url: node.url, consensusUrl: node.url, token: node.token };
    t.diagnostic(await throughAndBack(source, false));
    await node.stop();
  });
}

function onDevnet(): void {
  let devnet: CelestiaDevnet;
  before(async () => {
    devnet = await CelestiaDevnet.start(binaries!);
  });
  after(() => devnet.stop());

  daContract('celestia, real bridge', async () => bridgeLayer(devnet, freshNamespace()));
  daContract(
    'celestia, real validator',
    async () => payingLayer(devnet, CELESTIA_PAYER_KEY, null, freshNamespace()),
    { fillsBlobs: false },
  );

  it(`takes ${TX_COUNT} transactions and gives them back`, async (t) => {
    t.diagnostic(await throughAndBack(devnet, true));
  });
  for (const [name, scene] of Object.entries(SCENES)) it(name, () => scene(devnet));
  faults(() => devnet);
  if (process.env['FUELRAIL_RECORD'] === '1') it('is recorded', () => recordAll(devnet));
}

function faults(of: () => CelestiaDevnet): void {
  it('goes on when the bridge was killed and came back', async () => {
    const devnet = of();
    const da = bridgeLayer(devnet, freshNamespace());
    const from = await tipOf(bridgeRpc(devnet));
    const first = await postOne(da, noise(10, 1));
    await devnet.killBridge();
    await assert.rejects(postOne(da, noise(10, 2)), { code: 'DA_UNAVAILABLE' });
    await devnet.startBridge();
    const second = await postOne(da, noise(10, 2));
    assert.deepEqual(await listed(da, from), [first, second]);
  });

  it('finds what landed after the client gave up', async () => {
    const devnet = of();
    const da = bridgeLayer(devnet, freshNamespace());
    const attempt = attemptOf();
    const givingUp = new AbortController();
    const sending = da.submit([noise(50, 1)], attempt, givingUp.signal);
    while (attempt.intents.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => givingUp.abort(), 200);
    await assert.rejects(sending, { name: 'AbortError' });
    let found = null;
    for (let tries = 0; found === null && tries < 50; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      found = await da.find(attempt.intents[0]!, never);
    }
    assert.ok(found !== null, 'the blob landed although nobody waited for it');
    const again = await da.submit([noise(50, 1)], attemptOf(attempt.intents[0]!), never);
    assert.deepEqual(again, found);
  });

  it('sends again what did not land while the chain stood still', async () => {
    const devnet = of();
    const da = bridgeLayer(devnet, freshNamespace());
    const attempt = attemptOf();
    devnet.pauseValidator(true);
    const sending = da.submit([noise(50, 1)], attempt, AbortSignal.timeout(3_000));
    await assert.rejects(sending, { name: 'TimeoutError' });
    devnet.pauseValidator(false);
    const [pointer] = await da.submit([noise(50, 1)], attemptOf(attempt.intents[0]!), never);
    assert.deepEqual(await da.get(pointer!, never), noise(50, 1));
  });

  it('takes the same blob twice, and refuses one that is too large', async () => {
    const devnet = of();
    const namespace = freshNamespace();
    const da = bridgeLayer(devnet, namespace);
    const first = await postOne(da, noise(70, 1));
    const second = await postOne(da, noise(70, 1));
    assert.equal(first.commitment, second.commitment);
    assert.ok(second.height > first.height);
    assert.deepEqual(await listed(da, first.height), [first, second]);
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    const large = { namespace: base64(namespace), data: base64(noise(9_000_000, 1)) };
    const blob = { ...large, share_version: 0, commitment: base64(namespace), index: -1 };
    await assert.rejects(bridgeRpc(devnet)('blob.Submit', [[blob], {}], never), RpcRefusal);
  });

  it('loses nothing and takes nothing twice while the bridge dies under a chain', async () => {
    const devnet = of();
    const posting = postChain(devnet, TX_COUNT);
    for (const _ of [1, 2]) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await devnet.killBridge();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await devnet.startBridge();
    }
    await readChain(devnet, await posting);
  });
}

/** What CI replays: each scene on its own tape. */
async function recordAll(devnet: CelestiaDevnet): Promise<void> {
  const directory = join(ROOT, 'test', 'data', 'celestia');
  mkdirSync(directory, { recursive: true });
  const save = (name: string, tape: CelestiaTape): void =>
    writeFileSync(join(directory, `${name}.json.br`), tape.recorded());
  for (const [name, scene] of Object.entries(SCENES)) {
    const tape = await CelestiaTape.record(devnet, false);
    await scene(tape);
    save(name, tape);
    await tape.stop();
  }
  const tape = await CelestiaTape.record(devnet, true);
  const chain = await postChain(devnet, TX_COUNT);
  tape.facts = chain;
  await readChain(tape, chain);
  save('chain', tape);
  await tape.stop();
}
