import { t } from '../i18n/index.svelte';
import { copyText, notices } from '../state/notices.svelte';

/** Copies a text, also with its form for programs that take it, and says so. */
export async function copyRich(text: string, html: string): Promise<void> {
  try {
    const part = (type: string, content: string): Record<string, Blob> => ({ [type]: new Blob([content], { type }) });
    await navigator.clipboard.write([new ClipboardItem({ ...part('text/plain', text), ...part('text/html', html) })]);
    notices.tell(t().copied, { tone: 'good' });
  } catch {
    // A browser that copies plain text only, or a frame that permits nothing.
    await copyText(text);
  }
}
