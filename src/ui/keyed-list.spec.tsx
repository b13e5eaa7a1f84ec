import { fireEvent, render, screen } from '@testing-library/react';
import fc from 'fast-check';
import { useState } from 'react';
import { KeyedList, typeAhead, type KeyedItem } from './keyed-list';

const ITEMS: KeyedItem[] = [
  'apple',
  'avocado',
  'banana',
  'blueberry',
  'cherry'
].map(text => ({ key: text, text }));

function Fruits(props: {
  onOpen?: (key: string) => void;
  onDelete?: (key: string) => void;
}): JSX.Element {
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <KeyedList
      role="listbox"
      label="Fruits"
      items={ITEMS}
      selected={selected}
      onSelect={setSelected}
      renderItem={item => item.text}
      {...props}
    />
  );
}

function press(...keys: string[]): void {
  for (const key of keys) {
    fireEvent.keyDown(screen.getByRole('listbox'), { key });
  }
}

function selected(): string | null {
  return screen.queryByRole('option', { selected: true })?.textContent ?? null;
}

describe('KeyedList', () => {
  it('should walk by the arrows, Home and End, and stay within its ends', () => {
    render(<Fruits />);
    press('ArrowDown');
    expect(selected()).toBe('apple');
    press('ArrowUp');
    expect(selected()).toBe('apple');
    press('End', 'ArrowDown');
    expect(selected()).toBe('cherry');
    press('Home', 'ArrowDown');
    expect(selected()).toBe('avocado');
  });

  it('should name its current line to screen readers', () => {
    render(<Fruits />);
    press('End');
    const active = screen
      .getByRole('listbox')
      .getAttribute('aria-activedescendant');
    expect(screen.getByRole('option', { selected: true }).id).toBe(active);
  });

  it('should find what is typed', () => {
    render(<Fruits />);
    press('b', 'l');
    expect(selected()).toBe('blueberry');
  });

  it('should open and delete the current line only', () => {
    const onOpen = jest.fn();
    const onDelete = jest.fn();
    render(<Fruits onOpen={onOpen} onDelete={onDelete} />);
    press('Enter', 'Delete');
    expect(onOpen).not.toHaveBeenCalled();
    press('ArrowDown', 'Enter', 'Delete');
    expect(onOpen).toHaveBeenCalledWith('apple');
    expect(onDelete).toHaveBeenCalledWith('apple');
  });

  it('should leave keys alone that belong to others', () => {
    render(<Fruits />);
    expect(
      fireEvent.keyDown(screen.getByRole('listbox'), {
        key: 'a',
        ctrlKey: true
      })
    ).toBe(true);
    expect(fireEvent.keyDown(screen.getByRole('listbox'), { key: 'F2' })).toBe(
      true
    );
    expect(selected()).toBeNull();
  });

  it('should open branches of a tree, and go to their parents', () => {
    const toggled: Array<[string, boolean]> = [];
    const items: KeyedItem[] = [
      { key: 'a', text: 'a', level: 1, expanded: true },
      { key: 'a1', text: 'a1', level: 2 },
      { key: 'b', text: 'b', level: 1, expanded: false }
    ];
    render(
      <KeyedList
        role="tree"
        label="Tree"
        items={items}
        onToggle={(...change) => toggled.push(change)}
        renderItem={item => item.text}
      />
    );
    const tree = screen.getByRole('tree');
    const cursor = () => tree.querySelector('[data-cursor]')?.textContent;
    for (const key of ['ArrowDown', 'ArrowRight']) {
      fireEvent.keyDown(tree, { key });
    }
    expect(cursor()).toBe('a1');
    fireEvent.keyDown(tree, { key: 'ArrowLeft' });
    expect(cursor()).toBe('a');
    fireEvent.keyDown(tree, { key: 'ArrowLeft' });
    fireEvent.keyDown(tree, { key: 'End' });
    fireEvent.keyDown(tree, { key: 'ArrowRight' });
    expect(toggled).toEqual([
      ['a', false],
      ['b', true]
    ]);
    expect(screen.getAllByRole('treeitem')[1].getAttribute('aria-level')).toBe(
      '2'
    );
  });
});

describe('typeAhead', () => {
  it('should find a line that begins so, or none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.nat(20),
        fc.string({ minLength: 1 }),
        (texts, from, typed) => {
          const items = texts.map((text, index) => ({
            key: String(index),
            text
          }));
          const found = typeAhead(
            items,
            Math.min(from, items.length - 1),
            typed
          );
          if (found === -1) {
            expect(
              texts.some(text =>
                text.toLowerCase().startsWith(typed.toLowerCase())
              )
            ).toBe(false);
          } else {
            expect(
              items[found].text.toLowerCase().startsWith(typed.toLowerCase()[0])
            ).toBe(true);
          }
        }
      )
    );
  });
});
