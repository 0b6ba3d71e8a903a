/** The step debugger's fields; they work with `--debug`. */
import { CodedError } from '../../primitives/errors.ts';
import type { ContractId } from '../../primitives/types.ts';
import type { DebugService } from '../debug/sessions.ts';
import type { ApiContext, ResolverTable } from './context.ts';

type IdArgs = { id: string };

function debuggerOf({ services }: ApiContext): DebugService {
  if (services.debug === undefined) {
    throw new CodedError('DEBUGGER_OFF', "The 'debug' feature is disabled");
  }
  return services.debug;
}

export const DEBUGGER: ResolverTable = {
  Query: {
    register: (_: unknown, args: IdArgs & { register: number }, context: ApiContext) =>
      debuggerOf(context).register(args.id, args.register),
    memory: (_: unknown, args: IdArgs & { start: number; size: number }, context: ApiContext) =>
      debuggerOf(context).memory(args.id, args.start, args.size),
  },
  Mutation: {
    startSession: (_: unknown, _args: unknown, context: ApiContext) =>
      debuggerOf(context).startSession(),
    endSession: (_: unknown, { id }: IdArgs, context: ApiContext) =>
      debuggerOf(context).endSession(id),
    reset: (_: unknown, { id }: IdArgs, context: ApiContext) => debuggerOf(context).reset(id),
    execute: (_: unknown, { id, op }: IdArgs & { op: string }, context: ApiContext) =>
      debuggerOf(context).execute(id, op),
    setSingleStepping: (
      _: unknown,
      { id, enable }: IdArgs & { enable: boolean },
      context: ApiContext,
    ) => debuggerOf(context).setSingleStepping(id, enable),
    setBreakpoint: (
      _: unknown,
      { id, breakpoint }: IdArgs & { breakpoint: { contract: ContractId; pc: bigint } },
      context: ApiContext,
    ) => debuggerOf(context).setBreakpoint(id, breakpoint.contract, breakpoint.pc),
    startTx: (_: unknown, { id, txJson }: IdArgs & { txJson: string }, context: ApiContext) =>
      debuggerOf(context).startTx(id, txJson),
    continueTx: (_: unknown, { id }: IdArgs, context: ApiContext) =>
      debuggerOf(context).continueTx(id),
  },
};
