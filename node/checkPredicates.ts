/** The part of a checking thread that needs the whole VM; loaded with the first predicate. */
import { type PredicateVerdict, verifyPredicates } from '../predicates/verify.ts';
import { assert, CodedError } from '../primitives/errors.ts';
import { decodeTx } from '../tx/codec/transaction.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { decodeParamsPostcard } from '../tx/paramsPostcard.ts';
import { configureEngine } from '../vm/engine.ts';
import { rulesFor } from '../vm/rules.ts';
import type { CheckHello, CheckTask } from './checkMessages.ts';
import { keepModules } from './moduleStore.ts';

export type PredicateTask = Extract<CheckTask, { kind: 'predicates' }>;

const BLOB_WANTED = 'BLOB_WANTED';

/** Blobs are the main thread's: a predicate that reads one is run there. */
const NO_BLOBS = {
  blob: (): never => {
    throw new CodedError(BLOB_WANTED, 'this thread has no blobs; run the predicate where they are');
  },
};

/** @returns what verifies; its verdict is null when the main thread has to */
export function predicateChecker({
  engine,
  vmRules,
}: CheckHello): (task: PredicateTask) => PredicateVerdict | null {
  configureEngine(engine);
  keepModules(engine.modulesPath ?? null);
  /** By the key under which the main thread sent them; versions are few. */
  const knownParams = new Map<number, ConsensusParameters>();
  return (task) => {
    const { paramsKey, raw, txId } = task;
    if (task.params !== null) knownParams.set(paramsKey, decodeParamsPostcard(task.params));
    const params = knownParams.get(paramsKey);
    assert(params !== undefined, 'parameters come with the first task that needs them');
    const { tx } = decodeTx(raw);
    assert(tx.type !== 'mint', 'a mint has no predicates');
    try {
      return verifyPredicates(tx, txId, params, NO_BLOBS, rulesFor(params, vmRules));
    } catch (error) {
      if (error instanceof CodedError && error.code === BLOB_WANTED) return null;
      throw error;
    }
  };
}
