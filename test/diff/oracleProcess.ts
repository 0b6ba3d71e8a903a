/** The reference program as a process: one JSON request a line in, one answer a line out. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { JsonObject } from '../vectors/json.ts';

type Waiting = { readonly take: (answer: JsonObject) => void; readonly fail: (why: Error) => void };

/** See the head of the file. */
export class OracleProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];

  /** @param program path of the reference program */
  constructor(program: string) {
    this.#child = spawn(program, [], { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#waiting.shift()?.take(JSON.parse(line) as JsonObject);
    });
    this.#child.on('exit', (code) => this.#failAll(`the reference program ended with ${code}`));
    this.#child.on('error', (error) => this.#failAll(error.message));
    this.#child.stdin.on('error', () => {});
  }

  #failAll(why: string): void {
    for (const { fail } of this.#waiting.splice(0)) fail(new Error(why));
  }

  /** Answers arrive in the order of the requests. */
  ask(request: JsonObject): Promise<JsonObject> {
    return new Promise((take, fail) => {
      this.#waiting.push({ take, fail });
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#child.stdin.end();
  }
}
