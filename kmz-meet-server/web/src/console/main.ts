import { mount } from 'svelte';
import '../app.css';
import { chooseLanguage, i18n, OFFICIAL } from '../lib/i18n/index.svelte';
import { showNoTexts } from '../lib/i18n/no-texts';
import { keepFocusInSight } from '../lib/state/focus';
import Console from './Console.svelte';
import { place } from './lib/place.svelte';

const target = document.getElementById('app');

i18n.offered = OFFICIAL;
i18n
  .use(chooseLanguage(location.search, navigator.languages, OFFICIAL))
  .then(() => {
    i18n.follow(document.documentElement);
    place.start();
    keepFocusInSight(document);
    if (target) mount(Console, { target });
  })
  .catch(() => showNoTexts(target));
