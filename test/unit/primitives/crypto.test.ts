// Answers of the reference to good, damaged and hostile signatures and curve points.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { bn254Add, bn254Mul, bn254PairingCheck } from '../../../primitives/bn254.ts';
import { bytesToHex, hexToBytes, utf8 } from '../../../primitives/bytes.ts';
import { verifyEd25519, verifyEd25519Javascript } from '../../../primitives/ed25519.ts';
import { keccak256, sha256, sha256Hex } from '../../../primitives/hash.ts';
import {
  loadWasmSecp256k1,
  publicKeyOf,
  recoverPublicKey,
  secp256k1BackendNames,
  selectSecp256k1Backend,
  sign,
} from '../../../primitives/secp256k1.ts';
import { recoverPublicKeyR1 } from '../../../primitives/secp256r1.ts';
import { dataFile } from '../../support/dataFile.ts';

type Case = { kind: string; input: string; note: string; result: string | boolean | null };

const cases = gunzipSync(readFileSync(dataFile('primitivesCrypto.jsonl.gz')))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

function compare(kind: string, run: (input: Uint8Array) => Uint8Array | boolean | null): void {
  const chosen = cases.filter((one) => one.kind === kind);
  assert.ok(chosen.length > 20);
  for (const { input, note, result } of chosen) {
    const got = run(hexToBytes(input));
    const shown = got instanceof Uint8Array ? bytesToHex(got).slice(2) : got;
    assert.equal(shown, result, `${kind}, ${note}: ${input}`);
  }
}

test('secp256k1 recovery is the reference’s in every library', async () => {
  await loadWasmSecp256k1();
  for (const name of secp256k1BackendNames()) {
    selectSecp256k1Backend(name);
    compare('k1', (input) => recoverPublicKey(input.subarray(0, 64), input.subarray(64)));
  }
});

test('all libraries sign with the same bytes, and recovery gives the signer', async () => {
  await loadWasmSecp256k1();
  for (let i = 0; i < 20; i++) {
    const secret = sha256(utf8(`secret ${i}`));
    const digest = sha256(utf8(`digest ${i}`));
    const signatures = secp256k1BackendNames().map((name) => {
      selectSecp256k1Backend(name);
      assert.deepEqual(recoverPublicKey(sign(secret, digest), digest), publicKeyOf(secret));
      return bytesToHex(sign(secret, digest));
    });
    assert.equal(new Set(signatures).size, 1);
  }
});

test('a secret of zero is refused by every library', () => {
  for (const name of secp256k1BackendNames()) {
    selectSecp256k1Backend(name);
    assert.throws(() => publicKeyOf(new Uint8Array(32)), { code: 'SECRET_KEY_INVALID' });
  }
});

test('secp256r1 recovery is the reference’s', () => {
  compare('r1', (input) => recoverPublicKeyR1(input.subarray(0, 64), input.subarray(64)));
});

test('Ed25519 accepts what the reference accepts, natively and in JavaScript', () => {
  for (const verify of [verifyEd25519, verifyEd25519Javascript]) {
    compare('ed', (b) => verify(b.subarray(0, 32), b.subarray(32, 96), b.subarray(96)));
  }
});

test('bn254 adds, multiplies and pairs like the reference', () => {
  compare('add', bn254Add);
  compare('mul', bn254Mul);
  compare('pair', bn254PairingCheck);
});

test('hashes of no bytes, before and after the fast Keccak is there', async () => {
  const none = new Uint8Array(0);
  assert.equal(sha256Hex(none), bytesToHex(sha256(none)));
  assert.match(sha256Hex(none), /^0xe3b0c44298fc1c14/);
  const first = bytesToHex(keccak256(none));
  assert.match(first, /^0xc5d2460186f7233c/);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(bytesToHex(keccak256(none)), first);
});
