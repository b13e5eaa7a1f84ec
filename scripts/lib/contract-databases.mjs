// Databases of their own for servers under test, made and dropped through the drivers that the interpreters have.
import { spawn } from 'node:child_process';

const CODE = {
  postgresql: `
import sys, psycopg2
action, address, name = sys.argv[1:]
try:
    connection = psycopg2.connect(address + "/postgres", connect_timeout=5)
except psycopg2.OperationalError as error:
    sys.exit("UNAVAILABLE " + str(error).strip().splitlines()[0])
connection.autocommit = True
cursor = connection.cursor()
if action == "create":
    cursor.execute(f'CREATE DATABASE "{name}"')
else:
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
`,
  mariadb: `
import sys, pymysql
from urllib.parse import unquote, urlsplit
action, address, name = sys.argv[1:]
url = urlsplit(address)
try:
    connection = pymysql.connect(host=url.hostname, port=url.port or 3306, user=unquote(url.username or "root"),
                                 password=unquote(url.password or ""), connect_timeout=5)
except pymysql.err.OperationalError as error:
    sys.exit("UNAVAILABLE " + str(error.args[-1]))
cursor = connection.cursor()
if action == "create":
    # utf8mb3 would refuse emoji.
    cursor.execute(f"CREATE DATABASE \`{name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
else:
    cursor.execute(f"DROP DATABASE IF EXISTS \`{name}\`")
`
};

const ADDRESS = {
  postgresql: () =>
    process.env.JUPYTER_MLFLOW_TEST_POSTGRES ??
    'postgresql://postgres@127.0.0.1:5432',
  mariadb: () =>
    process.env.JUPYTER_MLFLOW_TEST_MARIADB ?? 'mysql://root@127.0.0.1:3306'
};

/** SQLAlchemy's names with the driver spelled out: without it, newer versions look for others. */
const URI = {
  postgresql: (address, name) =>
    `${address.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:')}/${name}`,
  mariadb: (address, name) =>
    `${address.replace(/^(mysql|mariadb):/, 'mysql+pymysql:')}/${name}?charset=utf8mb4`
};

function run(python, kind, action, name) {
  return new Promise((resolve, reject) => {
    const child = spawn(
      python,
      ['-c', CODE[kind], action, ADDRESS[kind](), name],
      { stdio: ['ignore', 'ignore', 'pipe'] }
    );
    let errors = '';
    child.stderr.on('data', chunk => (errors += chunk));
    child.on('error', reject);
    child.on('exit', code => {
      const last = errors.trim().split('\n').pop() ?? '';
      if (code === 0) {
        resolve(null);
      } else if (/^UNAVAILABLE|ModuleNotFoundError/.test(last)) {
        resolve(last.replace(/^UNAVAILABLE /, ''));
      } else {
        reject(new Error(`${kind}: could not ${action} a database: ${last}`));
      }
    });
  });
}

let made = 0;

/**
 * A new, empty database.
 *
 * @param kind `postgresql` or `mariadb`.
 * @returns `{uri, drop}`, or `{unavailable}` with the reason where no such database answers or the driver is missing.
 */
export async function createDatabase(python, kind) {
  const name = `jupyter_mlflow_contract_${process.pid}_${made++}`;
  const unavailable = await run(python, kind, 'create', name);
  if (unavailable !== null) {
    return { unavailable };
  }
  return {
    uri: URI[kind](ADDRESS[kind]().replace(/\/$/, ''), name),
    drop: () => run(python, kind, 'drop', name)
  };
}
