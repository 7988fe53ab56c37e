import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { chooseLanguage, i18n } from './lib/i18n/index.svelte';
import { keepFocusInSight } from './lib/state/focus';
import { router } from './lib/state/router.svelte';

i18n.use(chooseLanguage(location.search, navigator.languages));
router.start();
keepFocusInSight(document);

const target = document.getElementById('app');
if (target) mount(App, { target });
