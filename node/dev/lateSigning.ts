/**
 * Signatures that are made when somebody looks. Signing is half of the cost of an empty block, and
 * who mines ten thousand looks at few. The id of a block does not cover its signature, and the same
 * key makes the same signature of it at any time.
 */
import type { ExecutedBlock, SealedBlock } from '../../executor/ports.ts';
import { sealBlock } from '../../executor/seal.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { sign } from '../../primitives/secp256k1.ts';
import type { B256 } from '../../primitives/types.ts';
import type { StoredBlock } from '../../state/types.ts';

/** Stands for a signature that is still to be made; no signature is all zeros. */
const UNSIGNED: Uint8Array = new Uint8Array(64);

export class LateSigning {
  readonly #secret: Uint8Array;
  #isLate = false;

  constructor(secret: B256) {
    this.#secret = hexToBytes(secret);
  }

  /** Blocks that `job` makes are signed late. */
  async during(job: () => Promise<void>): Promise<void> {
    this.#isLate = true;
    try {
      await job();
    } finally {
      this.#isLate = false;
    }
  }

  seal(executed: ExecutedBlock): SealedBlock {
    if (!this.#isLate) return sealBlock(executed, this.#secret);
    return { ...executed, consensus: { type: 'poa', signature: UNSIGNED } };
  }

  signed(block: StoredBlock | null): StoredBlock | null {
    if (block?.consensus.type !== 'poa') return block;
    if (block.consensus.signature.some((byte) => byte !== 0)) return block;
    const signature = sign(this.#secret, hexToBytes(block.header.id));
    return { ...block, consensus: { type: 'poa', signature } };
  }
}
