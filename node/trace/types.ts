/** What a transaction did, as plain data: ready for JSON, numbers of 64 bits as decimal text. */

/** One instruction of a program near the place where it failed. */
export type TraceInstruction = {
  /** Distance from the start of the program. Unit: bytes. */
  readonly offset: number;
  readonly text: string;
};

/** How a call, or the script, ended. `unfinished`: something that it called failed. */
export type TraceEnd =
  | { readonly type: 'return'; readonly value: string }
  | { readonly type: 'returnData'; readonly data: string }
  | { readonly type: 'revert'; readonly value: string; readonly offset: number }
  | {
      readonly type: 'panic';
      /** Name of the reason. */
      readonly reason: string;
      readonly offset: number;
      /** Disassembly of the instruction that failed. */
      readonly instruction: string;
      /** ContractNotInInputs only: the contract that the transaction did not declare. */
      readonly contract: string | null;
    }
  | { readonly type: 'unfinished' };

/** What happened inside a call besides further calls. Amounts in units of the asset. */
export type TraceEvent =
  | {
      readonly type: 'log';
      readonly values: readonly [string, string, string, string];
    }
  | {
      readonly type: 'logData';
      /** Names the type of the data in the ABI. */
      readonly logId: string;
      readonly data: string;
    }
  | {
      readonly type: 'transfer';
      readonly to: string;
      readonly isContract: boolean;
      readonly amount: string;
      readonly assetId: string;
    }
  | {
      readonly type: 'message';
      readonly recipient: string;
      readonly amount: string;
      readonly data: string;
    }
  | { readonly type: 'mint' | 'burn'; readonly subId: string; readonly amount: string };

/** A call of a contract; the outermost is the script itself. */
export type TraceCall = {
  readonly type: 'call';
  /** null: the script. */
  readonly contract: string | null;
  /** Name of the method that it asks for, where it is passed as Sway does; null: unknown. */
  readonly method: string | null;
  /** What lay in memory behind the pointer to the arguments; null: unknown. For the ABI. */
  readonly args: string | null;
  /** Coins that went along; "0" and null for the script. */
  readonly amount: string;
  readonly assetId: string | null;
  /** Gas that it could use. */
  readonly gasForwarded: string | null;
  /** Gas that it used, with and without what it called; null: not known from receipts. */
  readonly gasUsed: string | null;
  readonly ownGas: string | null;
  readonly end: TraceEnd;
  readonly steps: readonly (TraceCall | TraceEvent)[];
  /** Calls below it that are too deep to be shown. */
  readonly hiddenCalls: number;
};

/** A slot or balance before and after. null: absent. */
export type TraceSlotChange = {
  readonly contract: string;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
};
export type TraceBalanceChange = {
  readonly contract: string;
  readonly assetId: string;
  readonly before: string | null;
  readonly after: string | null;
};

export type TraceOpcode = { readonly name: string; readonly count: number; readonly gas: string };

/** Gas of one method of one contract, over all its calls. */
export type TraceGas = {
  readonly contract: string | null;
  readonly method: string | null;
  readonly calls: number;
  /** Without what it called. */
  readonly gas: string;
  /** Dearest first. */
  readonly opcodes: readonly TraceOpcode[];
};

/** A predicate: the program that decides whether an input may be spent. */
export type TracePredicate = {
  /** Which input, from 0. */
  readonly input: number;
  /** Whose coin or message it is: the address of the code. */
  readonly owner: string;
  /** Why the input may not be spent; null: it may. */
  readonly refused: string | null;
  /** What the input says that it costs, and what it cost. Gas units. */
  readonly gasDeclared: string;
  readonly gasUsed: string;
  /** Instructions that ran; null, as the end: it was not run again. */
  readonly instructions: number | null;
  readonly end: TraceEnd | null;
  /** Code around its end, when it failed. */
  readonly code: readonly TraceInstruction[];
  /** Dearest first. */
  readonly opcodes: readonly TraceOpcode[];
};

export type CallTree = {
  readonly id: string;
  /** null: not in a block. */
  readonly blockHeight: number | null;
  readonly txIndex: number | null;
  readonly kind: string;
  readonly success: boolean;
  readonly reason: string | null;
  readonly totalGas: string;
  /** Base asset units. */
  readonly totalFee: string;
  /** `execution`: it was run again; `receipts`: pieced together, and what follows is missing. */
  readonly source: 'execution' | 'receipts';
  /** Why it was not run again; null: it was. */
  readonly whyReceipts: string | null;
  /** In the order of the inputs. They run before the script, and their gas is not in its gas. */
  readonly predicates: readonly TracePredicate[];
  /** null: the transaction has no script. */
  readonly call: TraceCall | null;
  /** Instructions that ran. */
  readonly instructions: number | null;
  /** Code around the instruction that panicked or reverted; its offset stands in the end. */
  readonly code: readonly TraceInstruction[];
  readonly slots: readonly TraceSlotChange[];
  readonly balances: readonly TraceBalanceChange[];
  /** Dearest first. */
  readonly gas: readonly TraceGas[];
};
