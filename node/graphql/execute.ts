/** From a parsed request to a response or a stream of responses. */
import {
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  subscribe,
} from 'graphql';
import { CodedError } from '../../primitives/errors.ts';
import type { NodeServices } from '../services.ts';
import type { ApiContext } from './context.ts';
import { chooseOperation, DocumentCache, type PreparedOperation } from './documents.ts';
import { executableSchema } from './executable.ts';
import { awaitHeight, chainState, type ResponseExtensions, requiredHeight } from './extensions.ts';
import { checkComplexity } from './limits.ts';
import { runSubmit, type SubmitShortcut, submittedBytes } from './shortcuts.ts';

/** Body of a request. */
export type GraphqlRequest = {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>> | null;
  readonly extensions: unknown;
};

/** Told of every answered operation. */
export type Observer = (operation: string, seconds: number, failed: boolean) => void;

type Ready = {
  readonly schema: GraphQLSchema;
  readonly operation: PreparedOperation;
  readonly args: Parameters<typeof execute>[0];
};
type Refused = { readonly refused: string };

const NEVER_ABORTED: AbortSignal = new AbortController().signal;
const NO_SUBSCRIPTIONS = 'Subscriptions are not supported on this transport.';

/** Code and text of our own errors go out; anything else keeps its text, as the reference does. */
function formatError(error: GraphQLError): GraphQLFormattedError {
  const { locations, path, originalError } = error;
  // EXACT: a scalar's own text goes out bare; SDKs compare it whole.
  const isScalarText = originalError?.message.startsWith('Failed to parse "') === true;
  const message = isScalarText ? originalError.message : error.message;
  const code = error.originalError instanceof CodedError ? error.originalError.code : undefined;
  const extensions = code === undefined ? error.extensions : { ...error.extensions, code };
  return {
    message,
    ...(locations && { locations }),
    ...(path && { path }),
    ...(Object.keys(extensions).length > 0 && { extensions }),
  };
}

function responseText(
  data: unknown,
  extensions: ResponseExtensions | null,
  errors: readonly GraphQLError[] | undefined,
): string {
  return JSON.stringify({
    data: data ?? null,
    ...(extensions && { extensions }),
    ...(errors && errors.length > 0 && { errors: errors.map(formatError) }),
  });
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const original = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(original.message, { originalError: original });
}

/** `submit`, `coins` …: the first field, under which requests are counted. */
function rootField({ node }: PreparedOperation): string {
  const first = node.selectionSet.selections[0];
  return first?.kind === 'Field' ? first.name.value : 'fragment';
}

export class Executor {
  private readonly services: NodeServices;
  private readonly schema: GraphQLSchema;
  private readonly documents: DocumentCache;
  private readonly observe: Observer;
  private chainTextOf: object | null = null;
  private chainTextMade = '';

  constructor(services: NodeServices, observe: Observer) {
    this.services = services;
    this.schema = executableSchema();
    this.documents = new DocumentCache(this.schema, services.config.graphql);
    this.observe = observe;
  }

  /** JSON text of the response to a query or mutation. Never rejects. */
  run(request: GraphqlRequest): Promise<string> {
    return this.runShortcut(request) ?? this.runGenerally(request);
  }

  /** null: the general way is the one for this request. */
  private runShortcut(request: GraphqlRequest): Promise<string> | null {
    if (requiredHeight(request.extensions) !== null) return null;
    const prepared = this.documents.get(request.query);
    // With several operations the request chooses one by name.
    if (!prepared.ok || prepared.operations.size !== 1 || request.operationName) return null;
    const [operation] = prepared.operations.values();
    const shortcut = operation?.shortcut ?? null;
    if (shortcut === null || operation === undefined) return null;
    const { complexityMax } = this.services.config.graphql;
    if (operation.complexity({}) > complexityMax) return null;
    const raw = submittedBytes(shortcut, request.variables);
    return raw && this.submit(shortcut, raw);
  }

  private async submit(shortcut: SubmitShortcut, raw: Uint8Array): Promise<string> {
    const startedAt = performance.now();
    const data = await runSubmit(this.services, shortcut, raw);
    const failed = typeof data !== 'string';
    this.observe('submit', (performance.now() - startedAt) / 1000, failed);
    if (failed) return responseText(null, chainState(this.services), [data]);
    return `{"data":${data},"extensions":${this.chainText()}}`;
  }

  /** {@link chainState} as JSON, made once a block. */
  private chainText(): string {
    const { latest } = this.services.store;
    if (latest !== this.chainTextOf) {
      this.chainTextOf = latest;
      this.chainTextMade = JSON.stringify(chainState(this.services));
    }
    return this.chainTextMade;
  }

  private async runGenerally(request: GraphqlRequest): Promise<string> {
    const ready = await this.prepare(request, NEVER_ABORTED);
    if ('refused' in ready) return ready.refused;
    if (ready.operation.node.operation === 'subscription') {
      return responseText(null, chainState(this.services), [new GraphQLError(NO_SUBSCRIPTIONS)]);
    }
    return this.runPrepared(ready);
  }

  /** JSON texts, one an event. Ends when the client goes: then `signal` aborts. */
  async *stream(request: GraphqlRequest, signal: AbortSignal): AsyncGenerator<string> {
    const ready = await this.prepare(request, signal);
    if ('refused' in ready) {
      yield ready.refused;
      return;
    }
    if (ready.operation.node.operation !== 'subscription') {
      yield await this.runPrepared(ready);
      return;
    }
    const events = await subscribe(ready.args);
    if (!(Symbol.asyncIterator in events)) {
      yield this.answer(ready, events, performance.now());
      return;
    }
    for await (const event of events) {
      yield this.answer(ready, event, performance.now());
    }
  }

  private async runPrepared(ready: Ready): Promise<string> {
    const startedAt = performance.now();
    return this.answer(ready, await execute(ready.args), startedAt);
  }

  private answer(ready: Ready, result: ExecutionResult, startedAt: number): string {
    const seconds = (performance.now() - startedAt) / 1000;
    this.observe(rootField(ready.operation), seconds, result.errors !== undefined);
    return responseText(result.data, chainState(this.services), result.errors);
  }

  /** Height first, as the reference does; then the document. */
  private async prepare(request: GraphqlRequest, signal: AbortSignal): Promise<Ready | Refused> {
    const required = requiredHeight(request.extensions);
    if (required !== null) {
      const refusal = await awaitHeight(this.services, required);
      if (refusal) return { refused: responseText(null, refusal.extensions, [refusal.error]) };
    }
    const prepared = this.documents.get(request.query);
    if (!prepared.ok) return { refused: responseText(null, null, prepared.errors) };
    try {
      const variables = request.variables ?? {};
      const operation = chooseOperation(prepared.operations, request.operationName);
      checkComplexity(operation.complexity(variables), this.services.config.graphql);
      const contextValue: ApiContext = { services: this.services, signal };
      const args = {
        schema: this.schema,
        document: prepared.document,
        contextValue,
        variableValues: variables,
        ...(request.operationName && { operationName: request.operationName }),
      };
      return { schema: this.schema, operation, args };
    } catch (error) {
      return { refused: responseText(null, null, [asGraphqlError(error)]) };
    }
  }
}
