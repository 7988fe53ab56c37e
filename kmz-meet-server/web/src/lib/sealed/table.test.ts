import { describe, expect, it } from 'vitest';
import { MAX_ROWS_SHOWN, preview } from './table';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('preview', () => {
  it('reads rows whatever separates them', () => {
    for (const separator of [';', ',', '\t', '|']) {
      const text = ['Name', 'Vorname'].join(separator) + '\r\n' + ['Müller', 'Änne'].join(separator);
      expect(preview(utf8(text))).toEqual({
        rows: [
          ['Name', 'Vorname'],
          ['Müller', 'Änne'],
        ],
        total: 2,
      });
    }
  });

  it('reads what is quoted', () => {
    expect(preview(utf8('a;b\n"x;""y""\nz";2'))?.rows).toEqual([
      ['a', 'b'],
      ['x;"y"\nz', '2'],
    ]);
  });

  it('reads empty cells and ends', () => {
    expect(preview(utf8('a;;\r;b\n\n;;\n"c"'))?.rows).toEqual([['a', '', ''], ['', 'b'], ['c']]);
    expect(preview(utf8('a;"never closed\n'))?.rows).toEqual([['a', 'never closed']]);
  });

  it('reads UTF-16 and the code page of Windows', () => {
    const utf16 = new Uint8Array([0xff, 0xfe, ...[...'ä;b'].flatMap((letter) => [letter.charCodeAt(0), 0])]);
    expect(preview(utf16)?.rows).toEqual([['ä', 'b']]);
    expect(preview(new Uint8Array([0xe4, 0x3b, 0x62]))?.rows).toEqual([['ä', 'b']]);
  });

  it('leaves workbooks to the check', () => {
    expect(preview(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]))).toBeNull();
    expect(preview(new Uint8Array())).toBeNull();
  });

  it('shows a bounded part of what is endless', () => {
    const shown = preview(utf8(`${`${'x'.repeat(200)};`.repeat(30)}\n`.repeat(200)));
    expect(shown?.total).toBe(200);
    expect(shown?.rows.length).toBe(MAX_ROWS_SHOWN);
    expect(shown?.rows[0]?.length).toBe(20);
    expect(shown?.rows[0]?.[0]?.length).toBe(100);
  });
});
