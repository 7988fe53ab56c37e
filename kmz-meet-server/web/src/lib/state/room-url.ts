/** The link of a room as this browser reaches it. */
export function roomUrl(name: string, origin: string = location.origin): string {
  return `${origin}/${encodeURIComponent(name)}`;
}
