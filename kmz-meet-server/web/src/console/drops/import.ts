import { ask } from '../../lib/sealed/api';
import type { PlainFile } from '../../lib/sealed/seal';
import { address } from '../../lib/api/http';
import type { paths } from '../../generated/api';

/** What becomes of a list that was opened: it leaves the browser here, and only because an operator wants it checked. */
export type CheckList = (school: string, drop: string, file: PlainFile) => Promise<void>;

/** Sends a list to the dry run of the import. Nothing happens to any account before that is confirmed. */
export const checkList: CheckList = async (school, drop, file) => {
  const path = address('/api/v1/schools/{school_id}/teacher-imports' as keyof paths, { school_id: school });
  const body = new FormData();
  body.append('file', new Blob([file.bytes]), file.name);
  body.append('drop', drop);
  await ask(path, { method: 'POST', body });
};
