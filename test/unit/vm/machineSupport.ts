/** A context for tests that drive a machine by hand. */
import { ZERO_B256 } from '../../../primitives/types.ts';
import { txOffsets } from '../../../tx/offsets.ts';
import { RuntimeBalances } from '../../../vm/balances.ts';
import type { VmContext } from '../../../vm/context.ts';
import { newContext } from '../../../vm/initialise.ts';
import { HostStorage } from '../../vectors/host.ts';
import { PARAMS, script } from './support.ts';

/** An execution of a script of one word, with an empty world. */
export function emptyContext(): VmContext {
  const tx = script(new Uint8Array(4));
  return newContext({
    tx,
    txId: ZERO_B256,
    params: PARAMS,
    gasPrice: 0n,
    rules: '0.66',
    storage: new HostStorage(1),
    balances: new RuntimeBalances(new Map()),
    txOffsets: txOffsets(tx),
    missingContracts: null,
    predicateIndex: null,
  });
}
