import { render, screen } from '@testing-library/react';
import { SelectField, TextField } from './fields';

function draw(errors: { name?: string; python?: string }) {
  const problem = (message?: string) =>
    message === undefined ? null : { message, hint: '' };
  return (
    <>
      <TextField
        label="Name"
        value=""
        error={problem(errors.name)}
        onText={() => undefined}
      />
      <SelectField
        label="Python"
        error={problem(errors.python)}
        onText={() => undefined}
      />
      <button>Create</button>
    </>
  );
}

describe('A field that was refused', () => {
  it('should have the focus, so that it is seen', () => {
    const { rerender } = render(draw({}));
    const button = screen.getByRole('button');
    button.focus();
    rerender(draw({ name: 'That is not a name.' }));
    expect(document.activeElement).toBe(screen.getByRole('textbox'));
    expect(screen.getByRole('textbox').getAttribute('aria-describedby')).toBe(
      screen.getByRole('alert').id
    );
    // What is drawn again with the same error takes it from nobody.
    button.focus();
    rerender(draw({ name: 'That is not a name.' }));
    expect(document.activeElement).toBe(button);
    rerender(draw({ python: 'It does not fit.' }));
    expect(document.activeElement).toBe(screen.getByRole('combobox'));
  });
});
