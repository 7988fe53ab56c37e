/** An invitation as plain text, as HTML and as the address of a new mail. */
import { parts, plain } from '../i18n/isolate';
import { blocksOf, subjectOf, type Block, type Invitation, type Line } from './invitation';
import { TEXTS } from './texts';

/** Programs for mails cut longer addresses, or do not open. */
const MAX_MAILTO = 1_900;

const plainLine = (line: Line): string => ('link' in line ? line.link : plain(line.text));

export function plainText(blocks: Block[]): string {
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'heading':
          return block.text;
        case 'lines':
          return block.lines.map(plainLine).join('\n');
        case 'points':
          return block.points.map((point) => `- ${point}`).join('\n');
      }
    })
    .reduce((before, part, index) => {
      // Points stand directly under their heading.
      const gap = index === 0 ? '' : blocks[index]?.kind === 'points' ? '\n' : '\n\n';
      return before + gap + part;
    }, '');
}

export function html(blocks: Block[], tag: string): string {
  const parts = blocks.map((block) => {
    switch (block.kind) {
      case 'heading':
        return `<p><strong>${escape(block.text)}</strong></p>`;
      case 'lines':
        return `<p>${block.lines.map(htmlLine).join('<br>')}</p>`;
      case 'points':
        return `<ul>${block.points.map((point) => `<li>${escape(point)}</li>`).join('')}</ul>`;
    }
  });
  return `<div lang="${tag}">${parts.join('')}</div>`;
}

function htmlLine(line: Line): string {
  if ('link' in line) return `<a href="${escape(line.link)}">${escape(line.link)}</a>`;
  return parts(line.text)
    .map(({ text, name }) => (name ? `<bdi>${escape(text)}</bdi>` : escape(text)))
    .join('');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/**
 * Opens a new mail with the text in it (RFC 6068). Where that would be too long it has what nobody can do without: when, the
 * link and the password.
 */
export function mailAddress(invitation: Invitation): string {
  const blocks = blocksOf(invitation);
  const end = blocks.findIndex((block) => block.kind === 'lines' && block.lines.some((line) => 'link' in line));
  const whole = mailto(subjectOf(invitation), plainText(blocks));
  return whole.length <= MAX_MAILTO ? whole : mailto(subjectOf(invitation), plainText(blocks.slice(0, end + 1)));
}

function mailto(subject: string, body: string): string {
  const value = (text: string): string => encodeURIComponent(text.replace(/\n/g, '\r\n'));
  return `mailto:?subject=${value(subject)}&body=${value(body)}`;
}

/** The name of a file about this: letters and digits that every system takes. */
export function fileName({ language, topic }: Invitation): string {
  const plain = topic
    .replace(/ß/g, 'ss')
    .replace(/[äöüÄÖÜ]/g, (sign) => `${sign}e`)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\w]+/g, '-')
    .replace(/_/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return [TEXTS[language].file, ...(plain === '' ? [] : [plain])].join('-').replace(/-+$/, '');
}
