// Popovers open without a view around them: the styles come along.
import '../../style/popover.css';
import { Widget } from '@lumino/widgets';
import type { ReactNode } from 'react';
import type { UiServices } from './context';
import { ViewWidget } from './widget';

/** Between the button and its popover, and between the popover and the edge of the window. */
const GAP_PX = 4;
/** Less than this below the button is too little to read in. */
const LITTLE_ROOM_PX = 260;

/** A small dialog beside a button. Escape or a click elsewhere closes it; the focus goes back to the button. */
export class Popover extends ViewWidget {
  constructor(
    ui: UiServices,
    private readonly _anchor: HTMLElement,
    label: string,
    content: () => ReactNode
  ) {
    super(ui, content);
    this.addClass('jp-mlflow-Popover');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', label);
  }

  open(): void {
    Widget.attach(this, document.body);
    this._home = this._anchor.getBoundingClientRect();
    this._place();
    this._size = new ResizeObserver(this._onResize);
    this._size.observe(this._anchor);
    this.node.focus();
    this._anchor.setAttribute('aria-expanded', 'true');
    document.addEventListener('keydown', this._onKey, true);
    document.addEventListener('pointerdown', this._onPointer, true);
    window.addEventListener('resize', this._onResize);
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    document.removeEventListener('keydown', this._onKey, true);
    document.removeEventListener('pointerdown', this._onPointer, true);
    window.removeEventListener('resize', this._onResize);
    this._size?.disconnect();
    this._anchor.setAttribute('aria-expanded', 'false');
    const hadFocus = this.node.contains(document.activeElement);
    super.dispose();
    if (hadFocus) {
      this._anchor.focus();
    }
  }

  /** Below the button or, where there is little room, above it; its right edge at the button's, but within the window. */
  private _place(): void {
    const now = this._anchor.getBoundingClientRect();
    // Where it is put away into a menu, what is open stays where it was opened, as far as the window goes.
    const { top, bottom, left, right } = now.width > 0 ? now : this._home;
    const { style } = this.node;
    const width = this.node.offsetWidth;
    const { innerWidth, innerHeight } = window;
    const below = innerHeight - bottom - 3 * GAP_PX;
    const above = top - 3 * GAP_PX;
    if (below < LITTLE_ROOM_PX && above > below) {
      style.top = '';
      style.bottom = `${innerHeight - top + GAP_PX}px`;
      style.maxHeight = `${above}px`;
    } else {
      style.top = `${bottom + GAP_PX}px`;
      style.bottom = '';
      style.maxHeight = `${below}px`;
    }
    const atRight = right - width;
    style.left = `${
      atRight >= GAP_PX
        ? Math.min(atRight, innerWidth - width - GAP_PX)
        : Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))
    }px`;
  }

  private readonly _onResize = (): void => {
    this._place();
  };

  private _home: Pick<DOMRect, 'top' | 'bottom' | 'left' | 'right'> = {
    top: 0,
    bottom: 0,
    left: 0,
    right: 0
  };
  /** A toolbar that has become narrow puts its buttons away a moment later, or brings them back. */
  private _size: ResizeObserver | null = null;

  private readonly _onKey = (event: KeyboardEvent): void => {
    // A dialog that a remedy has opened closes first.
    if (event.key === 'Escape' && !document.querySelector('.jp-Dialog')) {
      event.preventDefault();
      event.stopPropagation();
      this.dispose();
    }
  };

  private readonly _onPointer = ({ target }: PointerEvent): void => {
    const isOurs =
      target instanceof Element &&
      (this.node.contains(target) ||
        this._anchor.contains(target) ||
        target.closest('.jp-Dialog, .lm-Menu, .Toastify') !== null);
    if (!isOurs) {
      this.dispose();
    }
  };
}
