import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import type { Description } from './description';
import { samplesPlugin } from './plugin';
import { prepare } from './prepare';
import './reference.css';

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = (): void => void document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

const answer = await fetch('/api/v1/openapi.json');
const description = prepare((await answer.json()) as Description, location.origin);

SwaggerUI({
  dom_id: '#reference',
  spec: description,
  presets: [SwaggerUI.presets.apis],
  plugins: [samplesPlugin(description)],
  // Nothing is looked up elsewhere, and the key is forgotten with the page.
  validatorUrl: null,
  persistAuthorization: false,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  filter: true,
  tagsSorter: 'alpha',
  tryItOutEnabled: true,
  displayRequestDuration: true,
  requestSnippetsEnabled: true,
  requestSnippets: {
    generators: {
      curl_bash: { title: 'curl', syntax: 'bash' },
      python: { title: 'Python', syntax: 'python' },
      typescript: { title: 'TypeScript', syntax: 'typescript' },
    },
    languages: ['curl_bash', 'python', 'typescript'],
  },
});
