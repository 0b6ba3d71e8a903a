/** Checking and estimating predicates: the door of this folder. */
export { type EstimationBudget, estimatePredicates, measurePredicates } from './estimate.ts';
export {
  type PredicateError,
  type PredicateInput,
  type PredicateVerdict,
  predicateInputs,
  verifyPredicates,
} from './verify.ts';
