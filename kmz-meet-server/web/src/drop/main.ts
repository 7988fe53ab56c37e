import { mount } from 'svelte';
import '../app.css';
import { chooseLanguage, i18n } from '../lib/i18n/index.svelte';
import { keepFocusInSight } from '../lib/state/focus';
import Drop from './Drop.svelte';

i18n.use(chooseLanguage(location.search, navigator.languages));
keepFocusInSight(document);

const token = location.pathname.split('/').filter((part) => part !== '')[1] ?? '';
const target = document.getElementById('app');
if (target) mount(Drop, { target, props: { token } });
