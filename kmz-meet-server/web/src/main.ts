import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { chooseLanguage, i18n } from './lib/i18n/index.svelte';
import { showNoTexts } from './lib/i18n/no-texts';
import { keepFocusInSight } from './lib/state/focus';
import { router } from './lib/state/router.svelte';

const target = document.getElementById('app');

i18n
  .use(chooseLanguage(location.search, navigator.languages))
  .then(() => {
    i18n.follow(document.documentElement);
    router.start();
    keepFocusInSight(document);
    if (target) mount(App, { target });
  })
  .catch(() => showNoTexts(target));
