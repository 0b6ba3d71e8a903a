/**
 * Entry file of a checking thread: signers of signatures, and predicates. It holds no state.
 *
 * A thread starts under load, so it loads little: what only predicates need comes with the first of
 * them, libraries in JavaScript only where the native one does not load.
 */
import { hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { splitSignature } from '../primitives/secp256k1Form.ts';
import { nativeSecp256k1 } from '../primitives/secp256k1Native.ts';
import type { CheckAnswer, CheckHello, CheckTask } from './checkMessages.ts';
import { SIGNED_BYTES, SIGNER_BYTES } from './checkMessages.ts';
import type { predicateChecker } from './checkPredicates.ts';

const SIGNATURE_BYTES = 64;

type Recover = (signature: Uint8Array, digest: Uint8Array) => Uint8Array | null;

async function recoverer(): Promise<Recover> {
  const native = nativeSecp256k1();
  if (native === null) return (await import('../primitives/secp256k1.ts')).recoverPublicKey;
  return (signature, digest) => {
    const { rs, parity } = splitSignature(signature);
    return native.recover(rs, parity, digest);
  };
}

const recover = await recoverer();

function signers(signed: Uint8Array): Uint8Array {
  const count = signed.length / SIGNED_BYTES;
  const out = new Uint8Array(count * SIGNER_BYTES);
  for (let i = 0; i < count; i++) {
    const at = i * SIGNED_BYTES;
    const signature = signed.subarray(at, at + SIGNATURE_BYTES);
    const key = recover(signature, signed.subarray(at + SIGNATURE_BYTES, at + SIGNED_BYTES));
    if (key === null) continue;
    out[i * SIGNER_BYTES] = 1;
    // An address is the hash of its key (`addressOfPublicKey`), here as bytes.
    out.set(hash('sha256', key, 'buffer'), i * SIGNER_BYTES + 1);
  }
  return out;
}

let loading: Promise<ReturnType<typeof predicateChecker>> | null = null;

/** Every task awaits the same promise: they are answered in order. */
async function checkPredicates(task: Extract<CheckTask, { kind: 'predicates' }>): Promise<void> {
  loading ??= import('./checkPredicates.ts').then((loaded) =>
    loaded.predicateChecker(workerData as CheckHello),
  );
  const check = await loading;
  const startedMs = performance.now();
  const verdict = check(task);
  tell({ kind: 'predicates', verdict, batch: task.batch, busyMs: performance.now() - startedMs });
}

function tell(answer: CheckAnswer): void {
  parentPort?.postMessage(answer);
}

parentPort?.on('message', (task: CheckTask) => {
  if (task.kind === 'predicates') {
    void checkPredicates(task);
    return;
  }
  const startedMs = performance.now();
  const found = signers(task.signed);
  const busyMs = performance.now() - startedMs;
  tell({ kind: 'signers', signers: found, batch: task.batch, busyMs });
});
tell({ kind: 'ready' });
