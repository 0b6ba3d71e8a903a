/** Parsed, validated and measured documents, kept by their text: clients send few of them. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  validate,
} from 'graphql';
import { type Complexity, checkWrittenDepth, type Limits, measure } from './limits.ts';
import { type SubmitShortcut, submitShortcut } from './shortcuts.ts';

export type PreparedOperation = {
  readonly node: OperationDefinitionNode;
  readonly complexity: Complexity;
  readonly shortcut: SubmitShortcut | null;
};

export type Prepared =
  | { readonly ok: false; readonly errors: readonly GraphQLError[] }
  | {
      readonly ok: true;
      readonly document: DocumentNode;
      readonly operations: ReadonlyMap<string, PreparedOperation>;
    };

/** Texts that are kept; the least recently used goes first. */
const DOCUMENT_COUNT_MAX = 512;
/** Longer texts are not kept: they are one-off documents with literals. */
const DOCUMENT_TEXT_MAX = 32_768;
/** A document is refused before it is parsed beyond this. */
const TOKEN_COUNT_MAX = 50_000;
/** Name under which the only unnamed operation is filed. */
export const UNNAMED = '';

function asError(error: unknown): GraphQLError {
  return error instanceof GraphQLError ? error : new GraphQLError(String(error));
}

/** Clients look for the reference's words when they probe for a field. */
function inReferenceWords(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/^Cannot query field/, 'Unknown field');
  return message === error.message
    ? error
    : new GraphQLError(message, { nodes: error.nodes ?? null });
}

function prepare(schema: GraphQLSchema, text: string, limits: Limits): Prepared {
  try {
    const document = parse(text, { maxTokens: TOKEN_COUNT_MAX });
    const fragments = new Map<string, FragmentDefinitionNode>();
    const nodes: OperationDefinitionNode[] = [];
    const sets: SelectionSetNode[] = [];
    for (const definition of document.definitions) {
      if (definition.kind === 'FragmentDefinition')
        fragments.set(definition.name.value, definition);
      else if (definition.kind === 'OperationDefinition') nodes.push(definition);
      else continue;
      sets.push(definition.selectionSet);
    }
    checkWrittenDepth(sets, limits);
    const errors = validate(schema, document);
    if (errors.length > 0) return { ok: false, errors: errors.map(inReferenceWords) };
    const operations = new Map<string, PreparedOperation>();
    for (const node of nodes) {
      const complexity = measure(schema, node, fragments, limits);
      const shortcut = submitShortcut(schema, node);
      operations.set(node.name?.value ?? UNNAMED, { node, complexity, shortcut });
    }
    return { ok: true, document, operations };
  } catch (error) {
    return { ok: false, errors: [asError(error)] };
  }
}

/** A bounded cache over `prepare`. */
export class DocumentCache {
  private readonly schema: GraphQLSchema;
  private readonly limits: Limits;
  private readonly kept = new Map<string, Prepared>();

  constructor(schema: GraphQLSchema, limits: Limits) {
    this.schema = schema;
    this.limits = limits;
  }

  get(text: string): Prepared {
    const known = this.kept.get(text);
    if (known) {
      // The order of a Map is that of insertion: the newest use goes to the end.
      this.kept.delete(text);
      this.kept.set(text, known);
      return known;
    }
    const prepared = prepare(this.schema, text, this.limits);
    if (text.length > DOCUMENT_TEXT_MAX) return prepared;
    this.kept.set(text, prepared);
    if (this.kept.size > DOCUMENT_COUNT_MAX) {
      const oldest = this.kept.keys().next().value;
      if (oldest !== undefined) this.kept.delete(oldest);
    }
    return prepared;
  }
}

/** The operation that a request asks for. @throws GraphQLError with the reference's texts */
export function chooseOperation(
  operations: ReadonlyMap<string, PreparedOperation>,
  name: string | null,
): PreparedOperation {
  if (name !== null && name !== UNNAMED) {
    const named = operations.get(name);
    if (named) return named;
    throw new GraphQLError(`Unknown operation named "${name}"`);
  }
  const [only, second] = operations.values();
  if (only && !second) return only;
  throw new GraphQLError('Operation name required in request.');
}
