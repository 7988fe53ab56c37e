import type { Description } from './description';
import { LANGUAGES, requestOf, sample, type Language, type SampleRequest } from './samples';

/** The part of React, as Swagger UI brings it along, that the panel of samples needs. */
interface React {
  createElement: (type: unknown, properties: Record<string, unknown> | null, ...children: unknown[]) => unknown;
  useState: <T>(initial: T) => [T, (value: T) => void];
  Fragment: unknown;
}

/** A request that somebody made from the page. */
interface LiveRequest {
  get(key: 'url' | 'method' | 'body'): string | undefined;
  get(key: 'headers'): { toJS(): Record<string, string> } | undefined;
}

function ofLive(request: LiveRequest): SampleRequest {
  const body = request.get('body');
  return {
    method: request.get('method') ?? 'GET',
    url: request.get('url') ?? '',
    headers: request.get('headers')?.toJS() ?? {},
    ...(body === undefined ? {} : { body: parsed(body) }),
    answer: 'json',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Samples of a request, chosen by language, with a button that copies. */
function panel({ createElement: h, useState }: React, request: SampleRequest): unknown {
  const [language, choose] = useState<Language>('curl');
  const [copied, setCopied] = useState('');
  const text = sample(language, request);
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setCopied(language));
  return h(
    'section',
    { className: 'samples', 'aria-label': 'Samples' },
    h(
      'div',
      { className: 'samples-bar' },
      ...LANGUAGES.map((one) =>
        h('button', { key: one, type: 'button', 'aria-pressed': one === language, onClick: () => choose(one) }, one),
      ),
      h('button', { key: 'copy', type: 'button', className: 'copy', onClick: copy }, 'Copy'),
      h('span', { key: 'said', role: 'status' }, copied === language ? 'Copied' : ''),
    ),
    h('pre', { tabIndex: 0, 'aria-label': `Sample for ${language}` }, h('code', null, text)),
  );
}

/** Puts samples before the answers of every operation, and writes those of requests that were made. */
export function samplesPlugin(description: Description): unknown {
  return ({ React }: { React: React }) => {
    const Samples = ({ path, method }: { path: string; method: string }): unknown => {
      const request = requestOf(description, path, method);
      return request === null ? null : panel(React, request);
    };
    return {
      wrapComponents: {
        // A path is the name of a button already; opening it puts its address into the address bar.
        DeepLink:
          () =>
          ({ text }: { text: unknown }) =>
            React.createElement('span', null, text),
        // The only text area of an operation.
        TextArea: (Original: unknown) => (properties: Record<string, unknown>) =>
          React.createElement(Original, { 'aria-label': 'Request body', ...properties }),
        responses: (Original: unknown) => (properties: { path: string; method: string }) =>
          React.createElement(
            React.Fragment,
            null,
            React.createElement(Samples, { path: properties.path, method: properties.method }),
            React.createElement(Original, { ...properties }),
          ),
      },
      fn: {
        requestSnippetGenerator_python: (request: LiveRequest) => sample('Python', ofLive(request)),
        requestSnippetGenerator_typescript: (request: LiveRequest) => sample('TypeScript', ofLive(request)),
      },
    };
  };
}
