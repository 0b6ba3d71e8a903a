/** Checking and estimating predicates: the door of this folder. */
export { type EstimationBudget, estimatePredicates, measurePredicates } from './estimate.ts';
export {
  type PredicateError,
  type PredicateInput,
  predicateInputs,
  type PredicateVerdict,
  verifyPredicates,
} from './verify.ts';
