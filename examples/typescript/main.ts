// A client whose types come from openapi/openapi.json: a wrong path, field or role is an error of the compiler.
//
//   KMZ_MEET_URL=http://localhost:8080 KMZ_MEET_API_KEY=... npm start
import createClient from 'openapi-fetch';
import type { paths } from './api.d.ts';

const { KMZ_MEET_URL: baseUrl, KMZ_MEET_API_KEY: key } = process.env;
if (!baseUrl || !key) throw new Error('set KMZ_MEET_URL and KMZ_MEET_API_KEY');
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

const made = await api.POST('/api/v1/rooms', { body: { title: 'Mathe 7b', policy: { door: 'knock' } } });
if (!made.data) throw new Error(made.error?.detail ?? 'no room');
const path = { id: made.data.id };

const ticket = await api.POST('/api/v1/rooms/{id}/tickets', {
  params: { path },
  body: { user: 'teacher-3', name: 'Frau Beispiel', role: 'moderator', lang: 'de' },
});
console.log('room   ', made.data.url);
console.log('teacher', ticket.data?.url);

const running = await api.GET('/api/v1/conferences');
console.log('running', running.data?.conferences.length);

await api.DELETE('/api/v1/rooms/{id}', { params: { path } });
console.log('deleted');
