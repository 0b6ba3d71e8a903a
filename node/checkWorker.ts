/** Entry file of a checking thread: signers of signatures, and predicates. It holds no state. */
import { parentPort, workerData } from 'node:worker_threads';
import { type PredicateVerdict, verifyPredicates } from '../predicates/verify.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { assert, CodedError } from '../primitives/errors.ts';
import { addressOfPublicKey, recoverPublicKey } from '../primitives/secp256k1.ts';
import { decodeTx } from '../tx/codec/transaction.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { decodeParamsPostcard } from '../tx/paramsPostcard.ts';
import { configureEngine } from '../vm/engine.ts';
import { rulesFor } from '../vm/rules.ts';
import type { CheckAnswer, CheckHello, CheckTask } from './checkMessages.ts';
import { SIGNED_BYTES, SIGNER_BYTES } from './checkMessages.ts';

const SIGNATURE_BYTES = 64;
const BLOB_WANTED = 'BLOB_WANTED';

const hello = workerData as CheckHello;
/** By the key under which the main thread sent them; versions are few. */
const knownParams = new Map<number, ConsensusParameters>();

function signers(signed: Uint8Array): Uint8Array {
  const count = signed.length / SIGNED_BYTES;
  const out = new Uint8Array(count * SIGNER_BYTES);
  for (let i = 0; i < count; i++) {
    const at = i * SIGNED_BYTES;
    const signature = signed.subarray(at, at + SIGNATURE_BYTES);
    const key = recoverPublicKey(
      signature,
      signed.subarray(at + SIGNATURE_BYTES, at + SIGNED_BYTES),
    );
    if (key === null) continue;
    out[i * SIGNER_BYTES] = 1;
    out.set(hexToBytes(addressOfPublicKey(key)), i * SIGNER_BYTES + 1);
  }
  return out;
}

/** Blobs are the main thread's: a predicate that reads one is run there. */
const NO_BLOBS = {
  blob: (): never => {
    throw new CodedError(BLOB_WANTED, 'this thread has no blobs; run the predicate where they are');
  },
};

function predicates(task: Extract<CheckTask, { kind: 'predicates' }>): PredicateVerdict | null {
  const { paramsKey, raw, txId } = task;
  if (task.params !== null) knownParams.set(paramsKey, decodeParamsPostcard(task.params));
  const params = knownParams.get(paramsKey);
  assert(params !== undefined, 'parameters come with the first task that needs them');
  const { tx } = decodeTx(raw);
  assert(tx.type !== 'mint', 'a mint has no predicates');
  try {
    const rules = rulesFor(params, hello.vmRules);
    return verifyPredicates(tx, txId, params, NO_BLOBS, rules);
  } catch (error) {
    if (error instanceof CodedError && error.code === BLOB_WANTED) return null;
    throw error;
  }
}

configureEngine(hello.engine);
parentPort?.on('message', (task: CheckTask) => {
  const { batch } = task;
  const startedMs = performance.now();
  const done =
    task.kind === 'signers'
      ? { kind: task.kind, signers: signers(task.signed) }
      : { kind: task.kind, verdict: predicates(task) };
  const busyMs = performance.now() - startedMs;
  parentPort?.postMessage({ ...done, batch, busyMs } satisfies CheckAnswer);
});
parentPort?.postMessage({ kind: 'ready' } satisfies CheckAnswer);
