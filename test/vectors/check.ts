/** Sends a vector to the check of its operation. */
import { checkAsmVector } from './asm.ts';
import type { Vector } from './json.ts';
import { checkMerkleVector } from './merkle.ts';
import { checkPredicateVector } from './predicate.ts';
import { checkTxVector } from './tx.ts';
import { checkRuntxVector } from './vm.ts';

/** null: our answer equals the reference's; else the difference, or why we could not answer. */
export function checkVector({ request, answer }: Vector): string | null {
  try {
    switch (request['op']) {
      case 'run':
      case 'runtx':
        return checkRuntxVector(request, answer);
      case 'predicate':
        return checkPredicateVector(request, answer);
      case 'tx':
        return checkTxVector(request, answer);
      case 'merkle':
        return checkMerkleVector(request, answer);
      case 'asm':
        return checkAsmVector(request, answer);
      default:
        return `unknown op ${String(request['op'])}`;
    }
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}
