import { type ParsedCondition } from './ast';

/** A condition before its entity's word is looked up. */
export type GrammarCondition = Omit<ParsedCondition, 'entity'>;

interface Location {
  readonly start: { readonly offset: number };
  readonly end: { readonly offset: number };
}

/** @throws SyntaxError */
export function parse(text: string): ReadonlyArray<GrammarCondition>;

export class SyntaxError extends Error {
  readonly location: Location;
  /** Null when the grammar refused by a sentence of its own. */
  readonly expected: ReadonlyArray<unknown> | null;
}
