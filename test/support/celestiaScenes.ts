/**
 * What is done with a Celestia, step by step and the same every time: against real nodes, and
 * against the recording of what those answered (`celestiaTape.ts`).
 */
import assert from 'node:assert/strict';
import { celestiaDa } from '../../da/celestia/layer.ts';
import { celestiaPayer } from '../../da/celestia/payForBlobs.ts';
import { namespaceOf, shareCommitment } from '../../da/celestia/shares.ts';
import type { DaPointer, DataAvailability } from '../../da/ports.ts';
import { jsonRpc, type Rpc, RpcRefusal } from '../../da/rpc.ts';
import { bytesToHex, hexToBytes, utf8 } from '../../primitives/bytes.ts';
import type { B256 } from '../../primitives/types.ts';
import { CELESTIA_PAYER_KEY } from './celestiaDevnet.ts';
import type { TapeSource } from './celestiaTape.ts';
import { attemptOf } from './daContract.ts';

const never = new AbortController().signal;
/** Ten letters, as long as the free part of a namespace. */
const NAMESPACE = namespaceOf(utf8('fuelrail01'));
const NOBODYS_KEY: B256 = `0x${'77'.repeat(32)}`;
/** At the bounds of shares, and over several rows. */
const SIZES = [1, 478, 479, 960, 961, 20_000, 70_000] as const;

/** Bytes that no compressor shortens. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export function bridgeRpc({ url, token }: TapeSource): Rpc {
  return jsonRpc({ url, token, layer: 'celestia' });
}

export function bridgeLayer(
  source: TapeSource,
  namespace: Uint8Array = NAMESPACE,
): DataAvailability {
  return celestiaDa(bridgeRpc(source), { namespace, gasPrice: null, payer: null });
}

/** Pays with a key of ours through the consensus node. */
export function payingLayer(
  source: TapeSource,
  secret: B256 = CELESTIA_PAYER_KEY,
  gasPrice: number | null = null,
  namespace: Uint8Array = NAMESPACE,
): DataAvailability {
  const rpc = jsonRpc({ url: source.consensusUrl, token: null, layer: 'celestia' });
  const options = { namespace, gasPrice };
  const payer = celestiaPayer(rpc, { ...options, secret, pollMs: 20 });
  return celestiaDa(bridgeRpc(source), { ...options, payer });
}

export async function tipOf(rpc: Rpc): Promise<bigint> {
  const head = await rpc<{ header: { height: string } }>('header.LocalHead', [], never);
  return BigInt(head.header.height);
}

export async function listed(da: DataAvailability, from: bigint): Promise<DaPointer[]> {
  const pointers: DaPointer[] = [];
  let position = { height: from, index: 0 };
  for (;;) {
    const page = await da.list(position, 3, never);
    pointers.push(...page.pointers);
    position = page.next;
    if (page.atTip) return pointers;
  }
}

/** Blobs of many sizes through the bridge: read back, proven here, judged by the node. */
async function postAndProve(source: TapeSource): Promise<void> {
  const rpc = bridgeRpc(source);
  const writer = bridgeLayer(source);
  const from = (await tipOf(rpc)) + 1n;
  const blobs = SIZES.map((size) => noise(size, size));
  const pointers: DaPointer[] = [];
  for (const part of [blobs.slice(0, 1), blobs.slice(1, 4), blobs.slice(4)]) {
    const attempt = attemptOf();
    const made = await writer.submit(part, attempt, never);
    // A second attempt finds the first.
    assert.deepEqual(await writer.submit(part, attemptOf(attempt.intents[0]!), never), made);
    pointers.push(...made);
  }
  const reader = bridgeLayer(source);
  assert.deepEqual(await listed(reader, from), pointers);
  for (const [i, pointer] of pointers.entries()) {
    assert.deepEqual(await bridgeLayer(source).get(pointer, never), blobs[i]);
    const proof = await reader.proof(pointer, never);
    assert.equal(await reader.verify(pointer, blobs[i]!, proof), true, `${SIZES[i]} bytes`);
    const other = pointers[(i + 1) % pointers.length]!;
    assert.equal(await reader.verify(other, blobs[(i + 1) % blobs.length]!, proof), false);
    assert.equal(await reader.finality(pointer, never), 'final');
    await judged(rpc, pointer, other);
  }
  assert.deepEqual(await reader.health(never), { ok: true });
  assert.equal((await reader.estimate([1_000], never)).unit, 'utia');
}

/** The node's own opinion: this blob is there, the other is not where this one is. */
async function judged(rpc: Rpc, pointer: DaPointer, other: DaPointer): Promise<void> {
  const commitment = base64(hexToBytes(pointer.commitment));
  const at = [Number(pointer.height), base64(NAMESPACE)];
  const proof = await rpc('blob.GetProof', [...at, commitment], never);
  assert.equal(await rpc('blob.Included', [...at, proof, commitment], never), true);
  const wrong = base64(hexToBytes(other.commitment));
  const answer = await rpc('blob.Included', [...at, proof, wrong], never).catch((error) => error);
  assert.ok(answer === false || answer instanceof RpcRefusal, 'no proof of another blob');
}

/** What the bridge says when something is off. */
async function refusals(source: TapeSource): Promise<void> {
  const rpc = bridgeRpc(source);
  const da = bridgeLayer(source);
  const height = await tipOf(rpc);
  const commitment = bytesToHex(shareCommitment(NAMESPACE, noise(9, 9)));
  const nowhere: DaPointer = { layer: da.name, height, index: 0, commitment };
  for (const pointer of [nowhere, { ...nowhere, height: height + 50_000n }]) {
    await assert.rejects(da.get(pointer, never), { code: 'DA_NOT_FOUND' });
    await assert.rejects(da.proof(pointer, never), { code: 'DA_NOT_FOUND' });
    assert.equal(await da.finality(pointer, never), 'lost');
  }
  const intent = { layer: da.name, fromHeight: height, commitments: [commitment], memo: {} };
  assert.equal(await da.find(intent, never), null);
  // None is null.
  assert.equal(await rpc('blob.GetAll', [1, [base64(NAMESPACE)]], never), null);
  const noToken = jsonRpc({ url: source.url, token: null, layer: 'celestia' });
  const options = { namespace: NAMESPACE, gasPrice: null, payer: null };
  const stranger = celestiaDa(noToken, options);
  await assert.rejects(stranger.submit([noise(5, 5)], attemptOf(), never), {
    code: 'DA_UNAVAILABLE',
    message: /FUELRAIL_DA_TOKEN/,
  });
  const reserved = new Uint8Array(29);
  reserved[28] = 1;
  const inReserved = celestiaDa(rpc, { ...options, namespace: reserved });
  await assert.rejects(inReserved.submit([noise(5, 5)], attemptOf(), never), {
    code: 'DA_REFUSED',
  });
  // A wrong commitment is taken: what counts is what the bytes come to when they are read.
  const data = noise(50, 50);
  const wrong = base64(shareCommitment(NAMESPACE, noise(51, 51)));
  const blob = { namespace: base64(NAMESPACE), data: base64(data), share_version: 0, index: -1 };
  const at = await rpc<number>('blob.Submit', [[{ ...blob, commitment: wrong }], {}], never);
  const [found] = await listed(bridgeLayer(source), BigInt(at));
  assert.equal(found?.commitment, bytesToHex(shareCommitment(NAMESPACE, data)));
}

const BECH32_LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CHECKSUM_LETTERS = 6;

/** The 20 bytes of an address. */
function addressBytes(address: string): Uint8Array {
  const letters = address.slice(address.indexOf('1') + 1, -CHECKSUM_LETTERS);
  let bits = 0n;
  for (const letter of letters) bits = (bits << 5n) | BigInt(BECH32_LETTERS.indexOf(letter));
  return hexToBytes(bits.toString(16).padStart(40, '0'));
}

/** Others may write into the namespace, in a form that we do not use. */
async function foreignBlob(source: TapeSource): Promise<void> {
  const rpc = bridgeRpc(source);
  const signer = base64(addressBytes(await rpc<string>('state.AccountAddress', [], never)));
  const blob = { namespace: base64(NAMESPACE), data: base64(noise(900, 6)), index: -1 };
  const commitment = base64(new Uint8Array(32));
  const signed = { ...blob, share_version: 1, commitment, signer };
  const from = await rpc<number>('blob.Submit', [[signed], {}], never);
  const da = bridgeLayer(source);
  const data = noise(1_000, 7);
  const pointers = await da.submit([data], attemptOf(), never);
  assert.deepEqual(await listed(da, BigInt(from)), pointers);
  assert.equal(await da.verify(pointers[0]!, data, await da.proof(pointers[0]!, never)), true);
}

/** Paid by a key of ours: two payments, one of them with a number that has become stale. */
async function payDirectly(source: TapeSource): Promise<void> {
  const da = payingLayer(source);
  const first = noise(3_000, 1);
  const [pointer] = await da.submit([first, noise(600, 2)], attemptOf(), never);
  const reader = bridgeLayer(source);
  assert.deepEqual(await reader.get(pointer!, never), first);
  assert.equal(await reader.verify(pointer!, first, await reader.proof(pointer!, never)), true);
  const attempt = attemptOf();
  const { record } = attempt;
  attempt.record = async (intent) => {
    await record(intent);
    if (attempt.intents.length > 1) return;
    // Somebody else uses the key in between.
    await payingLayer(source).submit([noise(700, 3)], attemptOf(), never);
  };
  await da.submit([noise(800, 4)], attempt, never);
  const sequences = attempt.intents.map(({ memo }) => Number(memo['sequence']));
  assert.deepEqual(sequences, [sequences[0], sequences[0]! + 1]);
  await assert.rejects(payingLayer(source, NOBODYS_KEY).submit([first], attemptOf(), never), {
    code: 'DA_REFUSED',
    message: /send it some utia/,
  });
  const dear = payingLayer(source, CELESTIA_PAYER_KEY, 1e9);
  await assert.rejects(dear.submit([first], attemptOf(), never), {
    code: 'DA_REFUSED',
    message: /insufficient/,
  });
  const cheap = payingLayer(source, CELESTIA_PAYER_KEY, 0);
  await assert.rejects(cheap.submit([first], attemptOf(), never), { code: 'DA_UNAVAILABLE' });
}

/** All of them; each on its own. */
export const SCENES: Readonly<Record<string, (source: TapeSource) => Promise<void>>> = {
  postAndProve,
  refusals,
  foreignBlob,
  payDirectly,
};
