import { execFileSync } from 'node:child_process';
import { someFacts } from '../../kernel/testing/reports';
import type { Remedy } from '../tokens';
import { creationCommands } from './creation';
import { activateLine, type CellPlace, commandsOf } from './shell';
import {
  cellWord,
  type Commands,
  freeName,
  unixWord,
  windowsWord
} from './shell-words';

const HOSTILE: ReadonlyArray<string> = [
  '/home/ada/späte Übung/bin/python',
  "/home/o'hara/bin/python",
  '/tmp/$HOME/`id`/$(id)/bin/python',
  '/tmp/"double"/back\\slash',
  '/tmp/a;b&c|d>e<f(g)h*i?j[k]l{m}n!o#p~q',
  '~/x',
  '-rf',
  '',
  'two\nlines',
  '日本/bin/python',
  'C:\\Users\\Ada Lovelace\\envs\\späte Übung\\Scripts\\python.exe',
  'quo‘ted’ by ‚type‛',
  'mlflow==2.3.2',
  'sqlalchemy<2.1',
  'pandas>=2,<3',
  'scikit-learn[extra]; python_version < "3.12"'
];

/** What a POSIX shell takes a line of words for. */
function readByShell(line: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/home/ada' }
  })
    .split('\0')
    .slice(0, -1);
}

/** What PowerShell takes a word for (about_Quoting_Rules): in single quotes a doubled quote is one, all else is itself. */
function readByPowerShell(word: string): string {
  const quotes = "'\u2018\u2019\u201a\u201b";
  const quoted = new RegExp(`^'((?:[^${quotes}]|([${quotes}])\\2)*)'$`).exec(
    word
  );
  if (quoted) {
    return quoted[1].replace(new RegExp(`([${quotes}])\\1`, 'g'), '$1');
  }
  expect(word).toMatch(/^[\w:\\./=-]+$/);
  return word;
}

describe('words of shells', () => {
  it('should be read by a POSIX shell as what they are', () => {
    expect(readByShell(HOSTILE.map(unixWord).join(' '))).toEqual(HOSTILE);
  });

  it.each(HOSTILE)(
    'should be read by PowerShell as what they are: %j',
    text => {
      expect(readByPowerShell(windowsWord(text))).toBe(text);
    }
  );

  it('should be left as they are where that is safe', () => {
    expect(unixWord('/usr/bin/python3.11')).toBe('/usr/bin/python3.11');
    expect(windowsWord('C:\\Python311\\python.exe')).toBe(
      'C:\\Python311\\python.exe'
    );
  });
});

describe('words after %pip', () => {
  it.each(HOSTILE.filter(text => /^[\w<>=!~.,;[\] "-]+$/.test(text)))(
    'should be read by the shell that IPython asks as what they are: %j',
    text => {
      expect(readByShell(cellWord(text))).toEqual([text]);
    }
  );
});

describe('freeName', () => {
  it('should take nobody’s name, and be a name for Jupyter', () => {
    expect(freeName('mlflow_venv', [])).toBe('mlflow_venv');
    expect(freeName('mlflow_venv', ['python3', 'MLflow_venv'])).toBe(
      'mlflow_venv_2'
    );
    expect(freeName('a', ['a', 'a_2'])).toBe('a_3');
    expect(freeName('Späte Übung!', [])).toBe('sp-te-bung');
    expect(freeName('日本', [])).toBe('python');
  });
});

const FACTS = someFacts();
const NEW = { kind: 'create-environment', packages: [] } as const;

function commands(
  remedy: Remedy,
  facts: Parameters<typeof commandsOf>[1] = FACTS,
  kernels?: string[],
  place?: CellPlace
): Commands {
  const found = commandsOf(remedy, facts, kernels, place);
  expect(found).not.toBeNull();
  return found as Commands;
}

describe('commandsOf', () => {
  it('should install with the kernel’s own interpreter', () => {
    const facts = someFacts({ executable: "/home/ada/o'hara env/bin/python" });
    const { unix, windows } = commands(
      { kind: 'install', packages: ['mlflow==2.3.2', 'sqlalchemy<2.1'] },
      facts
    );
    expect(unix).toEqual([
      `'/home/ada/o'\\''hara env/bin/python' -m pip install mlflow==2.3.2 'sqlalchemy<2.1'`
    ]);
    expect(windows).toEqual([
      `& '/home/ada/o''hara env/bin/python' -m pip install mlflow==2.3.2 'sqlalchemy<2.1'`
    ]);
  });

  it('should install again what the metadata say is there, and then what is missing', () => {
    const remedy = {
      kind: 'install',
      packages: ['mlflow==3.1.0'],
      reinstall: true
    } as const;
    expect(commands(remedy).unix.map(line => line.split(' -m ').at(1))).toEqual(
      [
        'pip install --force-reinstall --no-deps mlflow==3.1.0',
        'pip install mlflow==3.1.0'
      ]
    );
    expect(commands(remedy, someFacts({ pip: false, uv: true })).unix).toEqual([
      'uv pip install --python /home/ada/envs/work/bin/python --reinstall mlflow==3.1.0'
    ]);
  });

  it('should not count on a pip that is not there', () => {
    const remedy = { kind: 'install', packages: ['mlflow'] } as const;
    expect(commands(remedy, someFacts({ pip: false, uv: false })).unix).toEqual(
      [
        '/home/ada/envs/work/bin/python -m ensurepip',
        '/home/ada/envs/work/bin/python -m pip install mlflow'
      ]
    );
  });

  it('should make an environment with an old MLflow as a job would: its Python, its limits', () => {
    const { unix, windows } = commands(
      { ...NEW, mlflow: '2.3.2', packages: ['pandas', 'mlflow'] },
      FACTS,
      ['mlflow_venv']
    );
    expect(unix).toEqual([
      'python3.11 -m venv mlflow_venv_2',
      `mlflow_venv_2/bin/python -m pip install mlflow==2.3.2 'setuptools<81' 'sqlalchemy<2.1' 'werkzeug<3' ipykernel pandas`,
      `mlflow_venv_2/bin/python -m ipykernel install --user --name mlflow_venv_2 --display-name 'Python (mlflow_venv_2)'`
    ]);
    expect(windows).toEqual([
      'py -3.11 -m venv mlflow_venv_2',
      `& mlflow_venv_2\\Scripts\\python.exe -m pip install mlflow==2.3.2 'setuptools<81' 'sqlalchemy<2.1' 'werkzeug<3' ipykernel pandas`,
      `& mlflow_venv_2\\Scripts\\python.exe -m ipykernel install --user --name mlflow_venv_2 --display-name 'Python (mlflow_venv_2)'`
    ]);
  });

  it.each([
    [null, 'python3', 'mlflow'],
    ['3.17.2', 'python3', 'mlflow==3.17.2'],
    ['3.1.0', 'python3', "mlflow==3.1.0 'sqlalchemy<2.1'"],
    ['2.12.1', 'python3.12', "mlflow==2.12.1 'setuptools<81' 'sqlalchemy<2.1'"]
  ])('should make one with MLflow %s', (mlflow, python, wanted) => {
    const { unix } = commands({ ...NEW, mlflow });
    expect(unix[0]).toBe(`${python} -m venv mlflow_venv`);
    expect(unix[1]).toBe(
      `mlflow_venv/bin/python -m pip install ${wanted} ipykernel`
    );
  });

  it('should register an interpreter under a name of its own', () => {
    const { unix } = commands(
      { kind: 'register-kernel', executable: '/envs/Späte Übung/bin/python' },
      FACTS,
      ['sp-te-bung']
    );
    expect(unix).toEqual([
      `'/envs/Späte Übung/bin/python' -m pip install ipykernel`,
      `'/envs/Späte Übung/bin/python' -m ipykernel install --user --name sp-te-bung_2 --display-name 'Python (sp-te-bung_2)'`
    ]);
  });

  it('should repair a kernelspec under its own name, with an interpreter that the person names', () => {
    const remedy = { kind: 'repair-kernel', kernelName: 'old one' } as const;
    const { unix, windows } = commands(remedy, null, ['old one']);
    expect(unix[1]).toMatch(/^path\/to\/environment\/bin\/python -m ipykernel/);
    expect(unix[1]).toContain("--name 'old one'");
    expect(windows[1]).toContain('path\\to\\environment\\Scripts\\python.exe');
    expect(commands(remedy).unix[1]).toContain('/envs/work/bin/python -m');
  });

  it('should use an environment as its kind is used', () => {
    const terminal = { kind: 'open-terminal' } as const;
    expect(commands(terminal)).toEqual({
      unix: ['source /home/ada/envs/work/bin/activate'],
      windows: ['& /home/ada/envs/work\\Scripts\\Activate.ps1']
    });
    expect(commands(terminal, someFacts({ conda: true }))).toEqual({
      unix: ['conda activate /home/ada/envs/work'],
      windows: ['conda activate /home/ada/envs/work']
    });
    const system = someFacts({ prefix: '/usr', base_prefix: '/usr' });
    expect(commands(terminal, system)).toEqual({
      unix: ['export PATH=/usr/bin:"$PATH"'],
      windows: ["$env:PATH = '/usr;/usr\\Scripts;' + $env:PATH"]
    });
    expect(commandsOf(terminal, null)).toBeNull();
  });

  it('should really activate where the path is hostile', () => {
    const line = activateLine({ prefix: "/tmp/o'hara $(id)", conda: false });
    expect(readByShell(line)).toEqual([
      'source',
      "/tmp/o'hara $(id)/bin/activate"
    ]);
  });

  it('should show what is shown instead of something', () => {
    const of = { kind: 'check-thoroughly' } as const;
    expect(commands({ kind: 'show-commands', of })).toEqual(commands(of));
    expect(commands(of).unix).toEqual([
      "/home/ada/envs/work/bin/python -c 'import mlflow'"
    ]);
    expect(commands({ kind: 'remove-kernel', kernelName: 'k' }).unix).toEqual([
      'jupyter kernelspec remove k'
    ]);
    expect(
      commandsOf({ kind: 'switch-kernel', kernelName: null }, FACTS)
    ).toBeNull();
  });

  describe('for a cell', () => {
    const install = {
      kind: 'install',
      packages: ['mlflow==2.3.2', 'sqlalchemy<2.1']
    } as const;

    it('should say it as a kernel’s own pip does it, beside what shells take', () => {
      const { cell, unix } = commands(install, FACTS, [], 'here');
      expect(cell).toEqual(['%pip install mlflow==2.3.2 "sqlalchemy<2.1"']);
      expect(unix).toHaveLength(1);
      expect(
        commands({ kind: 'show-commands', of: install }, FACTS, [], 'here').cell
      ).toEqual(cell);
    });

    it('should say nothing else for a kernel of another machine, where no shell is', () => {
      const { cell, unix, windows } = commands(install, FACTS, [], 'elsewhere');
      expect(cell).toHaveLength(1);
      expect([...unix, ...windows]).toEqual([]);
    });

    it('should install again what is there by name only', () => {
      const again = { ...install, reinstall: true };
      expect(commands(again, FACTS, [], 'here').cell).toEqual([
        '%pip install --force-reinstall --no-deps mlflow==2.3.2 "sqlalchemy<2.1"',
        '%pip install mlflow==2.3.2 "sqlalchemy<2.1"'
      ]);
    });

    it('should not count on a pip that is not there', () => {
      const one = { kind: 'install', packages: ['mlflow'] } as const;
      const without = (uv: boolean) =>
        commands(one, someFacts({ pip: false, uv }), [], 'here').cell;
      expect(without(true)).toEqual([
        'import sys',
        '!uv pip install --python "{sys.executable}" mlflow'
      ]);
      expect(without(false)).toEqual([
        'import sys',
        '!"{sys.executable}" -m ensurepip',
        '%pip install mlflow'
      ]);
    });

    it('should leave the package to the person where none is meant', () => {
      const any = { kind: 'install', packages: [] } as const;
      expect(commands(any, FACTS, [], 'here').cell).toEqual([
        '%pip install name-of-package'
      ]);
    });

    it('should make an environment with a kernel on another machine where pip refuses', () => {
      const managed = someFacts({ externally_managed: true, uv: false });
      expect(commands(install, managed, ['mlflow_venv'], 'elsewhere')).toEqual({
        unix: [],
        windows: [],
        cell: [
          'import os, sys',
          'folder = os.path.expanduser(r"~/mlflow_venv_2")',
          '!"{sys.executable}" -m venv "{folder}"',
          '!"{folder}/bin/python" -m pip install mlflow==2.3.2 "sqlalchemy<2.1" ipykernel',
          '!"{folder}/bin/python" -m ipykernel install --user --name mlflow_venv_2 --display-name "Python (mlflow_venv_2)"'
        ]
      });
      const { cell } = commands(
        install,
        { ...managed, uv: true, platform: 'win32' },
        [],
        'elsewhere'
      );
      expect(cell?.slice(1, 4)).toEqual([
        'folder = os.path.expanduser(r"~\\mlflow_venv")',
        '!uv venv --python "{sys.executable}" "{folder}"',
        '!uv pip install --python "{folder}\\Scripts\\python.exe" mlflow==2.3.2 "sqlalchemy<2.1" ipykernel'
      ]);
    });

    it('should be silent where pip refuses, and where there is no kernel', () => {
      const managed = someFacts({ externally_managed: true });
      expect(commands(install, managed, [], 'here').cell).toBeNull();
      expect(commands(install).cell).toBeNull();
    });
  });
});

describe('creationCommands', () => {
  const wanted = {
    name: 'mine',
    mlflow: '2.3.2',
    packages: ['pandas>=2'],
    requirements: 'requirements.txt'
  };

  it('should make it where and with what the person said', () => {
    const { unix, windows } = creationCommands(
      {
        ...wanted,
        folder: '/home/ada/späte Übung/',
        python: '/opt/3.11/python'
      },
      []
    );
    expect(unix.slice(0, 2)).toEqual([
      `/opt/3.11/python -m venv '/home/ada/späte Übung/mine'`,
      `'/home/ada/späte Übung/mine/bin/python' -m pip install mlflow==2.3.2 'setuptools<81' 'sqlalchemy<2.1' 'werkzeug<3' ipykernel 'pandas>=2' -r requirements.txt`
    ]);
    // Another system has neither that folder nor that Python.
    expect(windows[0]).toBe('py -3.11 -m venv mine');
  });

  it('should know a Windows folder and Python for what they are', () => {
    const { unix, windows } = creationCommands(
      { ...wanted, folder: 'C:\\work', python: 'C:\\Python311\\python.exe' },
      []
    );
    expect(windows[0]).toBe(
      '& C:\\Python311\\python.exe -m venv C:\\work\\mine'
    );
    expect(unix[0]).toBe('python3.11 -m venv mine');
  });

  it('should use uv where it is found', () => {
    const { unix, windows } = creationCommands(
      { name: 'mine', mlflow: null, packages: [], folder: 'envs' },
      ['mine'],
      ['uv']
    );
    expect(unix).toEqual([
      'uv venv envs/mine',
      'uv pip install --python envs/mine/bin/python mlflow ipykernel',
      `envs/mine/bin/python -m ipykernel install --user --name mine_2 --display-name 'Python (mine_2)'`
    ]);
    expect(windows[1]).toBe(
      'uv pip install --python envs\\mine\\Scripts\\python.exe mlflow ipykernel'
    );
    const old = creationCommands(
      wanted,
      [],
      ['/opt/jupyter/bin/python', '-m', 'uv']
    );
    expect(old.unix[0]).toBe(
      '/opt/jupyter/bin/python -m uv venv --python 3.11 mine'
    );
    expect(old.windows[0]).toBe('uv venv --python 3.11 mine');
  });
});
