/**
 * The one operation that arrives by the thousand: `mutation { submit(tx: $…) { id } }`. Its answer
 * is built without the general executor, which costs more than everything else that the node does
 * for a transfer before its signature. Anything that deviates takes the general way.
 */
import {
  type GraphQLError,
  type GraphQLSchema,
  isInputType,
  locatedError,
  type OperationDefinitionNode,
  type SelectionNode,
  typeFromAST,
} from 'graphql';
import { hexToBytes } from '../../primitives/bytes.ts';
import type { NodeServices } from '../services.ts';

/** A `submit` whose only argument is a variable and whose only field is the id. */
export type SubmitShortcut = {
  readonly variable: string;
  /** How failures are located. */
  readonly field: SelectionNode;
};

function isPlain(node: SelectionNode, name: string): boolean {
  return (
    node.kind === 'Field' &&
    node.name.value === name &&
    node.alias === undefined &&
    (node.directives?.length ?? 0) === 0
  );
}

/** null: the operation is another one, or written in another way. */
export function submitShortcut(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): SubmitShortcut | null {
  const { selectionSet, variableDefinitions = [], directives = [] } = operation;
  const [field, second] = selectionSet.selections;
  if (operation.operation !== 'mutation' || directives.length > 0) return null;
  if (field === undefined || second !== undefined || !isPlain(field, 'submit')) return null;
  if (field.kind !== 'Field' || field.arguments?.length !== 1) return null;
  const [argument] = field.arguments;
  const inner = field.selectionSet?.selections ?? [];
  if (inner.length !== 1 || !isPlain(inner[0] as SelectionNode, 'id')) return null;
  if (argument?.name.value !== 'tx' || argument.value.kind !== 'Variable') return null;
  const variable = argument.value.name.value;
  const [definition, another] = variableDefinitions;
  if (definition === undefined || another !== undefined) return null;
  if (definition.variable.name.value !== variable || definition.defaultValue) return null;
  const type = typeFromAST(schema, definition.type as Parameters<typeof typeFromAST>[1]);
  if (!isInputType(type) || String(type) !== 'HexString!') return null;
  return { variable, field };
}

/** The bytes to submit; null: the general way says what is wrong with them. */
export function submittedBytes(
  { variable }: SubmitShortcut,
  variables: Readonly<Record<string, unknown>> | null,
): Uint8Array | null {
  const text = variables?.[variable];
  if (typeof text !== 'string') return null;
  try {
    return hexToBytes(text);
  } catch {
    return null;
  }
}

/** Submits. @returns JSON of `data`, or the error as the general executor would report it */
export async function runSubmit(
  services: NodeServices,
  { field }: SubmitShortcut,
  raw: Uint8Array,
): Promise<string | GraphQLError> {
  try {
    const { id } = await services.txs.submit(raw);
    return `{"submit":{"id":"${id}"}}`;
  } catch (error) {
    return locatedError(error, [field], ['submit']);
  }
}
