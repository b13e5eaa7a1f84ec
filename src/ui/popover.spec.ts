import { act } from '@testing-library/react';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Popover } from './popover';

/** Of the popover: jsdom lays nothing out. */
const WIDTH = 300;
const UI = {
  translator: nullTranslator,
  commands: new CommandRegistry(),
  rendermime: null
};

/** The window, and a button 20 pixels from its right edge. */
function setWindow(
  button: HTMLElement,
  { width, height, top }: { width: number; height: number; top: number }
): void {
  Object.assign(window, { innerWidth: width, innerHeight: height });
  button.getBoundingClientRect = () =>
    ({
      left: width - 100,
      right: width - 20,
      width: 80,
      top,
      bottom: top + 20
    }) as DOMRect;
}

/** Tells that the button has another size. */
const sized = new Set<() => void>();

class FakeObserver {
  constructor(private readonly _tell: () => void) {}
  observe(): void {
    sized.add(this._tell);
  }
  disconnect(): void {
    sized.delete(this._tell);
  }
}

function open() {
  const button = document.createElement('button');
  document.body.append(button);
  setWindow(button, { width: 1200, height: 800, top: 10 });
  const popover = new Popover(UI, button, 'Facts', () => null);
  Object.defineProperty(popover.node, 'offsetWidth', { value: WIDTH });
  act(() => {
    popover.open();
  });
  return { button, popover, style: popover.node.style };
}

const resized = (): boolean => window.dispatchEvent(new Event('resize'));

describe('Popover', () => {
  const { ResizeObserver } = globalThis;
  beforeAll(() => {
    Object.assign(globalThis, { ResizeObserver: FakeObserver });
  });
  afterAll(() => {
    Object.assign(globalThis, { ResizeObserver });
  });

  it('should stay at its button when the window gets another size', () => {
    const { button, popover, style } = open();
    expect(style).toMatchObject({ left: '880px', top: '34px' });
    setWindow(button, { width: 800, height: 800, top: 40 });
    resized();
    expect(style).toMatchObject({ left: '480px', top: '64px' });
    // Lower than half of a low window: it opens upwards, and is not stretched between both edges.
    setWindow(button, { width: 800, height: 400, top: 300 });
    resized();
    expect(style).toMatchObject({ top: '', bottom: '104px' });
    setWindow(button, { width: 800, height: 800, top: 300 });
    resized();
    expect(style).toMatchObject({ top: '324px', bottom: '' });
    popover.dispose();
  });

  it('should go back to where it was opened, within the window, when its button is put away later', () => {
    const { button, popover, style } = open();
    // The toolbar is being laid out anew.
    setWindow(button, { width: 500, height: 800, top: 310 });
    resized();
    expect(style.top).toBe('334px');
    button.getBoundingClientRect = () =>
      ({ left: 0, right: 0, width: 0, top: 0, bottom: 0 }) as DOMRect;
    sized.forEach(tell => {
      tell();
    });
    expect(style).toMatchObject({ left: '196px', top: '34px' });
    popover.dispose();
  });

  it('should leave nothing behind that follows the window', () => {
    const { button, popover, style } = open();
    popover.dispose();
    const { left } = style;
    setWindow(button, { width: 600, height: 800, top: 10 });
    resized();
    expect(style.left).toBe(left);
    expect(sized.size).toBe(0);
  });
});
