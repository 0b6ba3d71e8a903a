/** What each worker is sent: a lane's transactions, and the state that its worker does not have. */
import type { ContractId } from '../primitives/types.ts';
import { declaredInputs } from './laneInputs.ts';
import type { ContractValues, LaneJob } from './laneMessages.ts';
import type { LaneThread } from './laneThread.ts';
import type { Changes } from './ports.ts';
import type { RoundInput } from './round.ts';

/** Codes that a thread is remembered to have; one that is sent again does no harm. */
const CODES_MAX = 10_000;

export class LaneJobs {
  readonly #input: RoundInput;
  /** Position in the round to provisional index. */
  readonly #provisional: (position: number) => number;
  /** By worker: the number under which it knows the block. */
  readonly #blockNumbers: number[];
  /** Writes to each contract in this round, oldest first; before them, those of the block so far. */
  readonly #writes: Map<ContractId, ContractValues[]> = new Map();

  readonly #isCreatedHere: (id: ContractId) => boolean;
  /** Workers may read the state before the block from the database. */
  readonly #readsDatabase: boolean;

  /** @param isCreatedHere whether a contract was created in this round: not everybody may see it */
  constructor(
    input: RoundInput,
    provisional: (position: number) => number,
    isCreatedHere: (id: ContractId) => boolean,
  ) {
    this.#input = input;
    this.#isCreatedHere = isCreatedHere;
    const { location } = input.block.overlay.base;
    this.#readsDatabase = location !== undefined && location === input.statePath;
    this.#provisional = provisional;
    this.#blockNumbers = input.threads.map(() => input.blockNumber);
    const { slots, balances } = input.block.overlay.changes;
    for (const contractId of new Set([...slots.keys(), ...balances.keys()])) {
      const values = { slots: slots.get(contractId), balances: balances.get(contractId) };
      this.#writes.set(contractId, [{ contractId, ...values }]);
    }
    for (const thread of input.threads) thread.seen = new Map();
  }

  /** These are in the overlay now. `thread`: has them, because it made them in its turn. */
  remember({ slots, balances }: Changes, thread: LaneThread | null): void {
    if (slots.size + balances.size === 0) return;
    for (const contractId of new Set([...slots.keys(), ...balances.keys()])) {
      const list = this.#writes.get(contractId) ?? [];
      const values = { slots: slots.get(contractId), balances: balances.get(contractId) };
      list.push({ contractId, ...values });
      this.#writes.set(contractId, list);
      thread?.seen.set(contractId, list.length);
    }
  }

  /** The worker remembers what is not so: it is to drop everything that it knows of the block. */
  forget(worker: number): void {
    const { ahead, threads } = this.#input;
    if (ahead === null) return;
    this.#blockNumbers[worker] = ahead.newBlockNumber();
    threads[worker]!.seen = new Map();
  }

  jobFor(worker: number, lane: readonly number[]): LaneJob {
    const { accesses, ahead, block, roundNumber, threads, txs } = this.#input;
    const { overlay } = block;
    const thread = threads[worker]!;
    const blockNumber = this.#blockNumbers[worker]!;
    const isNew = thread.blockNumber !== blockNumber;
    if (isNew) thread.told = new Set();
    thread.blockNumber = blockNumber;
    const jobs = lane.map((i) => txs[i]!);
    const contracts = new Set<ContractId>();
    for (const i of lane) {
      for (const key of accesses[i]!.writes) {
        if (key.startsWith('c:')) contracts.add(key.slice(2) as ContractId);
      }
    }
    return {
      blockNumber,
      roundNumber,
      env: isNew ? block.env : null,
      raws: jobs.map((job) => job.raw),
      ids: jobs.map((job) => job.id),
      verified: jobs.map((job) => job.verified),
      txIndices: lane.map((i) => this.#provisional(i)),
      known: jobs.map((job) => job.id).filter((id) => overlay.transactionExists(id)),
      ...declaredInputs(jobs, overlay),
      codes: this.#codesFor(thread, contracts),
      ...this.#valuesFor(thread, contracts),
      readsDatabase: this.#readsDatabase,
      ahead: ahead !== null,
    };
  }

  /** Each existing contract once in a block, each code once in the life of a thread. */
  #codesFor(
    thread: LaneThread,
    contracts: ReadonlySet<ContractId>,
  ): Map<ContractId, Uint8Array | null> {
    const codes = new Map<ContractId, Uint8Array | null>();
    for (const id of contracts) {
      if (thread.told.has(id) || this.#isCreatedHere(id)) continue;
      const code = this.#input.block.overlay.contractCode(id);
      if (code === null) continue;
      codes.set(id, thread.codes.has(id) ? null : code);
      thread.told.add(id);
      if (thread.codes.size >= CODES_MAX) thread.codes.clear();
      thread.codes.add(id);
    }
    return codes;
  }

  #valuesFor(
    thread: LaneThread,
    contracts: ReadonlySet<ContractId>,
  ): Pick<LaneJob, 'expected' | 'writes'> {
    const { block, history } = this.#input;
    const expected: ContractValues[] = [];
    const writes: ContractValues[] = [];
    for (const contractId of contracts) {
      const seen = thread.seen.get(contractId);
      if (seen === undefined) {
        const { base } = block.overlay;
        // Only a worker that was told of a contract may read its values in the database.
        if (this.#readsDatabase) {
          const over = base.laidOver?.(contractId);
          expected.push({ contractId, slots: over?.slots, balances: over?.balances });
        }
        const values = history.expected(contractId, base);
        if (values !== null) expected.push(values);
      }
      const list = this.#writes.get(contractId) ?? [];
      writes.push(...list.slice(seen ?? 0));
      thread.seen.set(contractId, list.length);
    }
    return { expected, writes };
  }
}
