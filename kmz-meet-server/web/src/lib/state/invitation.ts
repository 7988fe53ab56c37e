import type { Messages } from '../i18n/en';

/** The text that a teacher sends to a class: link, password line, and how to come in. */
export function invitation(messages: Messages, url: string, password?: string | null): string {
  const { invitation: text } = messages;
  return [text.heading, url, password ? text.password(password) : text.noPassword, text.rule].join('\n');
}

/** The link of a room whose pupils see the simple view: before the door nobody is told what holds in the room. */
export function linkFor(url: string, { simple_view }: { simple_view: boolean }): string {
  if (!simple_view) return url;
  const link = new URL(url);
  link.searchParams.set('view', 'simple');
  return link.href;
}

/** The link of a room as this browser reaches it. */
export function roomUrl(name: string, origin: string = location.origin): string {
  return `${origin}/${encodeURIComponent(name)}`;
}
