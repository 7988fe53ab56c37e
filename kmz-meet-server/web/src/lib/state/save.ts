/** Longer than a browser needs to begin to save. */
const KEPT = 10_000;

/** Saves bytes as a file of this name. */
export function save(bytes: BlobPart, name: string, type = 'application/octet-stream'): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT);
}
