/**
 * Which of two families of VM rules applies. Gas tables before V7 do not price storage for the
 * newer rules, so chains that have one keep the rules they were made for.
 */
import type { ConsensusParameters } from '../tx/params.ts';
import type { VmRules } from './ports.ts';

/** `--vm-rules`: by the gas table, or the newer ones always (needed to replay some chains). */
export type VmRulesSetting = 'auto' | '0.66';

const STORAGE_PRICED_SINCE = 7;

export function rulesFor(params: ConsensusParameters, setting: VmRulesSetting): VmRules {
  if (setting === '0.66') return '0.66';
  return params.gasCosts.version >= STORAGE_PRICED_SINCE ? '0.66' : '0.65';
}
