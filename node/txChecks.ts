/** Signatures and predicates of a submitted transaction, as the pool asks for them. */
import { type PredicateError, verifyPredicates } from '../predicates/verify.ts';
import type { BlobId } from '../primitives/types.ts';
import { checkSignatures, debugText } from '../tx/validity.ts';
import type { CheckInputs } from '../txpool/ports.ts';
import { rulesFor, type VmRulesSetting } from '../vm/rules.ts';

export type TxCheckDeps = {
  readonly blob: (blobId: BlobId) => Uint8Array | null;
  readonly vmRules: VmRulesSetting;
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

function hasPredicate(tx: {
  inputs: readonly { type: string; predicate?: Uint8Array }[];
}): boolean {
  return tx.inputs.some((input) => (input.predicate?.length ?? 0) > 0);
}

/** Checks on the calling thread; signature recovery is native where it loads. */
export function createTxChecks(deps: TxCheckDeps): CheckInputs {
  return async ({ id, tx, params }) => {
    const signatures = checkSignatures(tx, id);
    if (!signatures.ok) {
      return { ok: false, kind: 'validity', debug: debugText(signatures.error) };
    }
    if (!hasPredicate(tx)) return { ok: true };
    const rules = rulesFor(params, deps.vmRules);
    const verdict = verifyPredicates(tx, id, params, { blob: deps.blob }, rules);
    if (verdict.ok) return { ok: true };
    return { ok: false, kind: 'predicate', debug: predicateDebug(verdict.error) };
  };
}
