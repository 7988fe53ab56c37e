// A workbook as a school's office saves it, with a password (`xlsx-populate`, ECMA-376 agile encryption).
import { writeFileSync } from 'node:fs';

import XlsxPopulate from 'xlsx-populate';

const CFB = 'd0cf11e0a1b11ae1';

/** Writes these rows as an encrypted workbook. */
export async function writeWorkbook(path, rows, password) {
  const book = await XlsxPopulate.fromBlankAsync();
  book.sheet(0).name('Kollegium').cell('A1').value(rows);
  const bytes = await book.outputAsync({ password });
  if (bytes.subarray(0, 8).toString('hex') !== CFB) throw new Error('the workbook is not encrypted');
  writeFileSync(path, bytes);
}
