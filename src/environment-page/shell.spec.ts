import { someInterpreter } from '../environments/testing/machines';
import { commandsFor, terminalLine } from './shell';

describe('commandsFor', () => {
  it('should first use the environment, then do what the buttons would', () => {
    const interpreter = someInterpreter('/envs/späte Übung', { mlflow: null });
    const { executable, prefix } = interpreter;
    const commands = commandsFor(
      interpreter,
      [
        { kind: 'install', executable, prefix, packages: ['mlflow==2.3.2'] },
        { kind: 'remove-environment', prefix }
      ],
      []
    );
    expect(commands?.unix[0]).toBe("source '/envs/späte Übung/bin/activate'");
    expect(commands?.unix[1]).toContain(
      "'/envs/späte Übung/bin/python' -m pip install"
    );
    expect(commands?.unix.join('\n')).not.toContain('rm ');
    expect(commands?.windows).toHaveLength(commands?.unix.length ?? 0);
  });

  it('should activate nothing where there is nothing to activate', () => {
    expect(
      commandsFor(someInterpreter('/usr', { kind: 'system' }), [], [])
    ).toBeNull();
    expect(
      commandsFor(
        null,
        [{ kind: 'remove-kernel', kernelName: 'k', resourceDir: '/k' }],
        []
      )?.unix
    ).toEqual(['jupyter kernelspec remove k']);
  });
});

describe('a new kernel', () => {
  it('should take the place of none that there is', () => {
    const interpreter = someInterpreter('/envs/mlflow_venv');
    const { executable } = interpreter;
    const commands = commandsFor(
      interpreter,
      [{ kind: 'register', executable, isHidden: false }],
      ['mlflow_venv', 'python3']
    );
    expect(commands?.unix.join('\n')).toContain('--name mlflow_venv_2');
  });
});

describe('terminalLine', () => {
  const terminal = {
    kind: 'terminal',
    executable: '/envs/a/bin/python',
    prefix: '/envs/a',
    conda: false
  } as const;

  it('should type nothing that a name could turn into another command', () => {
    expect(terminalLine(terminal)).toBe('source /envs/a/bin/activate');
    expect(terminalLine({ ...terminal, prefix: "/a'; rm -rf $HOME" })).toBe(
      `source '/a'\\''; rm -rf $HOME/bin/activate'`
    );
    expect(terminalLine({ ...terminal, prefix: '/a\rreboot' })).toBeNull();
  });

  it('should leave the shells of Windows to the person', () => {
    expect(
      terminalLine({ ...terminal, executable: 'C:\\a\\Scripts\\python.exe' })
    ).toBeNull();
  });
});
