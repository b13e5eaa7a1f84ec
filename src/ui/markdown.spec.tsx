import {
  markdownRendererFactory,
  RenderMimeRegistry
} from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { render, waitFor } from '@testing-library/react';
import { UiProvider } from './context';
import { Markdown } from './markdown';

describe('Markdown', () => {
  const rendermime = new RenderMimeRegistry({
    initialFactories: [markdownRendererFactory],
    markdownParser: {
      render: text => Promise.resolve(`<p>${text}</p>`)
    }
  });
  const draw = (text: string) => (
    <UiProvider
      visible={true}
      services={{
        translator: nullTranslator,
        commands: new CommandRegistry(),
        rendermime
      }}
    >
      <Markdown text={text} />
    </UiProvider>
  );

  it('should draw without scripts, draw anew, and go without a trace', async () => {
    const { container, rerender, unmount } = render(
      draw(
        '<b>one</b><script>alert(1)</script><img src="x" onerror="alert(2)">'
      )
    );
    await waitFor(() =>
      expect(container.querySelector('b')?.textContent).toBe('one')
    );
    expect(container.querySelector('script')).toBeNull();
    expect(container.querySelector('[onerror]')).toBeNull();
    rerender(draw('<b>two</b>'));
    await waitFor(() =>
      expect(container.querySelector('b')?.textContent).toBe('two')
    );
    // A view that throws while it goes takes its neighbours along.
    expect(() => unmount()).not.toThrow();
  });
});
