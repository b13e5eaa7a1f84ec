import type { AccordionPanel } from '@lumino/widgets';
import type { IStateDB } from '@jupyterlab/statedb';
import * as v from 'valibot';

const STATE_KEY = 'jupyter-mlflow:panel-layout';
/** A handle is dragged in many small steps. */
const SAVE_AFTER_MS = 500;

const layoutSchema = v.record(
  v.string(),
  v.object({
    expanded: v.boolean(),
    size: v.pipe(v.number(), v.minValue(0), v.maxValue(1))
  })
);

/** Section id → whether it is open, and its part of the height, 0 to 1. */
export type PanelLayout = v.InferOutput<typeof layoutSchema>;

/** The layout in what was remembered; empty if it is not one. */
export function readLayout(remembered: unknown): PanelLayout {
  const layout = v.safeParse(layoutSchema, remembered);
  return layout.success ? layout.output : {};
}

/** The part of the height below which nothing of a section can be seen. */
const LEAST = 0.05;

/** What a section asks for until the person has arranged the panel. */
export interface SectionPlace {
  readonly id: string;
  /** Its part of the height beside the other sections'. */
  readonly size: number;
  readonly isClosed?: boolean;
}

/** Relative sizes for these sections: what was remembered, else their own wish; collapsed ones count as they were. */
export function sizesOf(
  sections: ReadonlyArray<SectionPlace>,
  layout: PanelLayout
): ReadonlyArray<number> {
  const sizes = sections.map(({ id, size }) => layout[id]?.size || size);
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sizes.map(size => (sum > 0 ? size / sum : 1 / sizes.length));
}

/** Restores which sections are open and how high they are, and remembers every change. */
export class LayoutKeeper {
  constructor(
    private readonly _accordion: AccordionPanel,
    private readonly _sections: () => ReadonlyArray<SectionPlace>,
    private readonly _state: IStateDB
  ) {
    _accordion.handleMoved.connect(this._onChange, this);
    _accordion.expansionToggled.connect(this._onToggle, this);
  }

  /** Applies what was remembered; to be called when all sections are there. */
  async restore(): Promise<void> {
    const remembered: unknown = await this._state
      .fetch(STATE_KEY)
      .catch(() => undefined);
    this._layout = readLayout(remembered);
    this.apply();
    this._restored = true;
  }

  /** Sets sizes and expansion of the sections that are there now. */
  apply(): void {
    const sections = this._sections();
    sections.forEach(({ id, isClosed }, index) => {
      if (this._layout[id]?.expanded ?? !isClosed) {
        this._accordion.expand(index);
      } else {
        this._accordion.collapse(index);
      }
    });
    this._accordion.setRelativeSizes([...sizesOf(sections, this._layout)]);
  }

  dispose(): void {
    clearTimeout(this._timer);
  }

  private _onToggle(_: AccordionPanel, index: number): void {
    const sizes = this._accordion.relativeSizes();
    if (!this._accordion.widgets[index].isHidden && sizes[index] < LEAST) {
      // One that has never been open has no height to come back to, and would get none.
      const share = sizesOf(this._sections(), this._layout)[index];
      this._accordion.setRelativeSizes(
        sizes.map((size, at) => (at === index ? share : size * (1 - share)))
      );
    }
    this._onChange();
  }

  private _onChange(): void {
    if (!this._restored || this._accordion.isHidden) {
      return;
    }
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      const sizes = this._accordion.relativeSizes();
      this._layout = {
        ...this._layout,
        ...Object.fromEntries(
          this._sections().map(({ id }, index) => {
            const expanded = !this._accordion.widgets[index].isHidden;
            // A closed section has no height: it keeps the one it had.
            const size = expanded
              ? Math.min(1, Math.max(0, sizes[index] ?? 0))
              : (this._layout[id]?.size ?? 0);
            return [id, { expanded, size }];
          })
        )
      };
      void this._state.save(STATE_KEY, this._layout).catch(() => undefined);
    }, SAVE_AFTER_MS);
  }

  private _layout: PanelLayout = {};
  private _restored = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
