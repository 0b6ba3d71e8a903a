/** What the main thread and a checking thread say to each other; see `checkThreads.ts`. */
import type { PredicateVerdict } from '../predicates/verify.ts';
import type { TxId } from '../primitives/types.ts';
import type { EngineChoice } from '../vm/engine.ts';
import type { VmRulesSetting } from '../vm/rules.ts';

/** One signature and the digest under it. Unit: bytes. */
export const SIGNED_BYTES: number = 64 + 32;
/** 1 and the signer's address, or 0 and nothing. Unit: bytes. */
export const SIGNER_BYTES: number = 1 + 32;

export type CheckHello = { readonly engine: EngineChoice; readonly vmRules: VmRulesSetting };

export type CheckTask =
  | {
      readonly kind: 'signers';
      readonly batch: number;
      /** {@link SIGNED_BYTES} each. */
      readonly signed: Uint8Array;
    }
  | {
      readonly kind: 'predicates';
      readonly batch: number;
      readonly txId: TxId;
      readonly raw: Uint8Array;
      /** Names the parameters; a thread gets them with the first task that needs them. */
      readonly paramsKey: number;
      readonly params: Uint8Array | null;
    };

/** `busyMs`: how long the thread was at it. */
export type CheckAnswer =
  /** It has loaded what it needs. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'signers';
      readonly batch: number;
      readonly busyMs: number;
      readonly signers: Uint8Array;
    }
  | {
      readonly kind: 'predicates';
      readonly batch: number;
      readonly busyMs: number;
      /** null: it reads a blob, which only the main thread has. */
      readonly verdict: PredicateVerdict | null;
    };
