/** Which view a path means. */
import type { Child } from './dom.ts';

/** What a view may use while it is shown. */
export type Place = {
  /** Parts of the path behind the name of the view. */
  readonly args: readonly string[];
  readonly search: URLSearchParams;
  /** Aborts when the reader goes elsewhere. */
  readonly signal: AbortSignal;
  /** Goes elsewhere, as a link would. */
  go(path: string): void;
  /** Draws this view again; the place on the page stays. */
  again(): void;
};

/** A drawn view; the title is the heading, too. */
export type Drawn = { readonly title: string; readonly content: readonly Child[] };
export type View = (place: Place) => Promise<Drawn>;

/** There is no such thing on the chain. */
export class NotFound extends Error {}
