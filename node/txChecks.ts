/** Signatures and predicates of a submitted transaction, as the pool asks for them. */
import {
  type PredicateError,
  type PredicateVerdict,
  verifyPredicates,
} from '../predicates/verify.ts';
import { equalBytes } from '../primitives/bytes.ts';
import type { Address, BlobId, TxId } from '../primitives/types.ts';
import { RecordCache } from '../state/cache.ts';
import type { ChargeableTx } from '../tx/types.ts';
import { checkSignatures, debugText, signatureWitnesses } from '../tx/validity.ts';
import type { CheckInputs } from '../txpool/ports.ts';
import { rulesFor, type VmRulesSetting } from '../vm/rules.ts';
import type { CheckThreads } from './checkThreads.ts';

export type TxCheckDeps = {
  readonly blob: (blobId: BlobId) => Uint8Array | null;
  readonly vmRules: VmRulesSetting;
  readonly threads: Pick<CheckThreads, 'signer' | 'predicates'>;
  /** The transaction as its signatures are to be checked; development controls waive some. */
  readonly asSigned?: (tx: ChargeableTx) => ChargeableTx;
};

/** Debug form of a predicate's failure, as the reference prints it. */
export function predicateDebug(error: PredicateError): string {
  switch (error.name) {
    case 'TransactionExceedsTotalGasAllowance':
      return `TransactionExceedsTotalGasAllowance(${error.maxGas})`;
    case 'Panic':
      return `Panic { index: ${error.index}, reason: ${error.reason} }`;
    case 'PanicInstruction':
      return `PanicInstruction { index: ${error.index}, instruction: PanicInstruction { reason: ${error.reason}, instruction: ${error.instruction} } }`;
    default:
      return `${error.name} { index: ${error.index} }`;
  }
}

/** Declared gas below which a predicate is run at once: the way to a thread costs as much. */
const THREAD_PREDICATE_GAS_MIN = 5_000n;

function predicateGas(tx: ChargeableTx): bigint {
  let gas = 0n;
  for (const input of tx.inputs) if (input.type !== 'contract') gas += input.predicateGasUsed;
  return gas;
}

function hasPredicate(tx: {
  inputs: readonly { type: string; predicate?: Uint8Array }[];
}): boolean {
  return tx.inputs.some((input) => (input.predicate?.length ?? 0) > 0);
}

/** Signers that are remembered: a transaction that comes again is not recovered again. */
const KNOWN_SIGNERS_MAX = 20_000;

type KnownSigner = { readonly signature: Uint8Array; readonly signer: Address | null };

/**
 * Signatures, then predicates. Signatures, and predicates that are worth the way, go to the
 * checking threads; the verdict is the same wherever it is made.
 */
export function createTxChecks(deps: TxCheckDeps): CheckInputs {
  const known = new RecordCache<TxId, KnownSigner>(KNOWN_SIGNERS_MAX);

  /** The id does not cover the signature, so both have to be the same. */
  async function signerOf(signature: Uint8Array, id: TxId): Promise<Address | null> {
    const before = known.get(id);
    if (before !== undefined && equalBytes(before.signature, signature)) return before.signer;
    const signer = await deps.threads.signer(signature, id);
    known.set(id, { signature, signer });
    return signer;
  }

  async function checkPredicates(job: Parameters<CheckInputs>[0]): Promise<PredicateVerdict> {
    const { id, tx, raw, params } = job;
    const declared = predicateGas(tx);
    if (declared >= THREAD_PREDICATE_GAS_MIN) {
      const verdict = await deps.threads.predicates({ txId: id, raw }, params);
      if (verdict !== null) return verdict;
    }
    const rules = rulesFor(params, deps.vmRules);
    return verifyPredicates(tx, id, params, { blob: deps.blob }, rules);
  }

  return async (job) => {
    const { id, tx } = job;
    const signed = deps.asSigned?.(tx) ?? tx;
    const signers: (Address | null)[] = [];
    const recover = async (index: number): Promise<void> => {
      signers[index] = await signerOf(tx.witnesses[index]!, id);
    };
    const [first, ...more] = signatureWitnesses(signed);
    if (more.length > 0) await Promise.all([first!, ...more].map(recover));
    else if (first !== undefined) await recover(first);
    const signatures = checkSignatures(signed, id, (_, index) => signers[index] ?? null);
    if (!signatures.ok) {
      return { ok: false, kind: 'validity', debug: debugText(signatures.error) };
    }
    if (!hasPredicate(tx)) return { ok: true };
    const verdict = await checkPredicates(job);
    if (verdict.ok) return { ok: true };
    return { ok: false, kind: 'predicate', debug: predicateDebug(verdict.error) };
  };
}
