/** QR codes of links, made in this browser. */

export interface QrPicture {
  /** Modules on a side, with the quiet zone of four that readers need. */
  size: number;
  /** The dark modules, as the `d` of an SVG path. */
  path: string;
}

export async function qrPicture(text: string): Promise<QrPicture> {
  const { default: encode } = await import('qr');
  return pictureOf(encode(text, 'raw', { ecc: 'medium', border: 4 }));
}

/** One line for each run of dark modules in a row. */
export function pictureOf(rows: boolean[][]): QrPicture {
  const path = rows.flatMap((row, y) =>
    row.flatMap((dark, x) => {
      if (!dark || row[x - 1]) return [];
      const end = row.indexOf(false, x);
      const width = (end === -1 ? row.length : end) - x;
      return [`M${x} ${y}h${width}v1h-${width}z`];
    }),
  );
  return { size: rows.length, path: path.join('') };
}
