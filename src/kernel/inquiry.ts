import { type Answer, answerOf, answerOfFailure } from './answer';
import type { KernelsApi } from './api';
import type { KernelReport } from './report';

/** The requests that watching needs; a test replaces them. */
export type KernelSource = Pick<KernelsApi, 'report' | 'probe'>;

/** What is asked of the server, and by it of the kernel. */
export type Question = (
  source: KernelSource,
  kernelId: string,
  signal: AbortSignal
) => Promise<KernelReport>;

/** Asks one question at a time; the latest wins, and answers to others are never heard of. */
export class Inquiry {
  /** @param take - gets the answer, after `isRunning` has become false. */
  constructor(
    private readonly _source: () => Promise<KernelSource>,
    private readonly _take: (answer: Answer) => void
  ) {}

  get isRunning(): boolean {
    return this._running !== null;
  }

  /** Ends with this question, whether it was answered or gave way to another. Never rejects. */
  async ask(kernelId: string, question: Question): Promise<void> {
    this.abort();
    const mine = new AbortController();
    this._pending = mine;
    const running = this._answer(question, kernelId, mine.signal).then(
      answer => {
        if (this._pending === mine) {
          this._pending = null;
          this._running = null;
          this._take(answer);
        }
      }
    );
    this._running = running;
    await running;
  }

  /** Until there is no question under way. */
  async settled(): Promise<void> {
    while (this._running !== null) {
      await this._running;
    }
  }

  abort(): void {
    this._running = null;
    this._pending?.abort();
    this._pending = null;
  }

  private async _answer(
    question: Question,
    kernelId: string,
    signal: AbortSignal
  ): Promise<Answer> {
    try {
      return answerOf(await question(await this._source(), kernelId, signal));
    } catch (reason) {
      return answerOfFailure(reason);
    }
  }

  private _pending: AbortController | null = null;
  private _running: Promise<void> | null = null;
}
