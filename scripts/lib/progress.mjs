// Says which step of how many is under way, and that it still is.

const BEAT_MS = 15_000;

/** Prints steps as "[2/5] Installing … done in 12 s", with a living line in a terminal and a heartbeat in a log. */
export class Progress {
  constructor(stream = process.stdout) {
    this._stream = stream;
    this._living = Boolean(stream.isTTY);
    this._total = 0;
    this._number = 0;
  }

  /** How many steps there will be. */
  expect(total) {
    this._total = total;
  }

  /** One line that is no step. */
  say(text) {
    this._stream.write(`${text}\n`);
  }

  /**
   * Does one step.
   *
   * @param {string} title "Installing the Node packages"
   * @param {(onLine: (line: string) => void) => Promise<T>} work
   * @returns {Promise<T>}
   * @template T
   */
  async step(title, work) {
    this._number += 1;
    const head = `[${this._number}/${Math.max(this._total, this._number)}] ${title}`;
    const began = Date.now();
    const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
    let last = '';
    if (!this._living) {
      this._stream.write(`${head} …\n`);
    }
    const draw = () => {
      const width = Math.max(20, (this._stream.columns ?? 80) - 1);
      const text = `${head} … ${seconds()}${last ? `  ${last}` : ''}`.replace(
        /[^\x20-\x7e\u00a0-\uffff]/g,
        ''
      );
      this._stream.write(`\r\x1b[2K${text.slice(0, width)}`);
    };
    const timer = setInterval(
      this._living
        ? draw
        : () =>
            this._stream.write(
              `      still at it (${seconds()})${last ? `: ${last}` : ''}\n`
            ),
      this._living ? 250 : BEAT_MS
    );
    try {
      const result = await work(line => {
        last = line;
      });
      this._stream.write(
        this._living
          ? `\r\x1b[2K${head}: done in ${seconds()}\n`
          : `      done in ${seconds()}\n`
      );
      return result;
    } catch (error) {
      this._stream.write(
        this._living
          ? `\r\x1b[2K${head}: failed after ${seconds()}\n`
          : `      failed after ${seconds()}\n`
      );
      throw error;
    } finally {
      clearInterval(timer);
    }
  }
}
