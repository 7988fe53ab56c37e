// The database beside a server, for what a story needs and no page makes. Python comes with the tests; Node's own reader does not.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
for statement in sys.argv[2:]:
    print("\\n".join("|".join(map(str, row)) for row in connection.execute(statement)))
`;

/** Asks the database of this server, or changes it; gives the rows as text. */
export function sql(server, ...statements) {
  const file = join(server.dataDir, 'kmz-meet.sqlite');
  return execFileSync('python3', ['-c', PROGRAM, file, ...statements], { encoding: 'utf8' });
}

/** The demo has a key and a sealed list; some stories make both by hand. */
export function withoutSealedLists(server) {
  sql(server, 'PRAGMA foreign_keys = ON', 'DELETE FROM sealed_drops', 'DELETE FROM operator_keys');
}
