import { mount } from 'svelte';
import '../app.css';
import { chooseLanguage, i18n } from '../lib/i18n/index.svelte';
import { keepFocusInSight } from '../lib/state/focus';
import Drop from './Drop.svelte';

i18n.use(chooseLanguage(location.search, navigator.languages));
keepFocusInSight(document);

// Behind the `#`, so that it comes into no log. Another link in the same tab is another page.
const token = location.hash.slice(1);
addEventListener('hashchange', () => location.reload());
const target = document.getElementById('app');
if (target) mount(Drop, { target, props: { token } });
