import { mount } from 'svelte';
import '../app.css';
import { chooseLanguage, i18n } from '../lib/i18n/index.svelte';
import { keepFocusInSight } from '../lib/state/focus';
import Console from './Console.svelte';
import { place } from './lib/place.svelte';

i18n.use(chooseLanguage(location.search, navigator.languages));
place.start();
keepFocusInSight(document);

const target = document.getElementById('app');
if (target) mount(Console, { target });
