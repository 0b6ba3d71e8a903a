/** What a poster must not forget: frames on their way, and where they ended. */
import type { B256, BlockHeight } from '../primitives/types.ts';
import type { DaIntent, DaPointer } from './ports.ts';

/** The blobs of a frame that were submitted together. */
export type GroupNote = {
  readonly intent: DaIntent;
  readonly attemptAtMs: number;
  /** null: not seen on the layer. */
  readonly pointers: readonly DaPointer[] | null;
};

export type FrameNote = {
  readonly firstHeight: BlockHeight;
  readonly lastHeight: BlockHeight;
  readonly previous: B256;
  readonly commitment: B256;
  readonly frameBytes: number;
  readonly stage: 'posted' | 'included' | 'final';
  readonly groups: readonly GroupNote[];
  readonly madeAtMs: number;
};

export interface DaJournal {
  /** Notes in order of height: all that are not final, and at least the newest that is. */
  load(): Promise<FrameNote[]>;
  /** Takes a frame in; durable when it resolves. */
  add(note: FrameNote, frame: Uint8Array): Promise<void>;
  /** Replaces a note; durable when it resolves. The bytes of a final frame may go. */
  put(note: FrameNote): Promise<void>;
  /** The bytes of a frame that is not final. */
  bytes(note: FrameNote): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** For chains in memory: they do not outlive the process, nor does this. */
export function memoryJournal(): DaJournal {
  const notes: Map<B256, FrameNote> = new Map();
  const frames: Map<B256, Uint8Array> = new Map();
  let lastFinal: B256 | null = null;
  return {
    load: async () => [...notes.values()],
    async add(note, frame) {
      notes.set(note.commitment, note);
      frames.set(note.commitment, frame.slice());
    },
    async put(note) {
      notes.set(note.commitment, note);
      if (note.stage !== 'final') return;
      frames.delete(note.commitment);
      if (lastFinal !== null) notes.delete(lastFinal);
      lastFinal = note.commitment;
    },
    bytes: async (note) => frames.get(note.commitment)!.slice(),
    close: async () => {},
  };
}
