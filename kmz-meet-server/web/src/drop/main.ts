import { mount } from 'svelte';
import '../app.css';
import { chooseLanguage, i18n, OFFICIAL } from '../lib/i18n/index.svelte';
import { showNoTexts } from '../lib/i18n/no-texts';
import { keepFocusInSight } from '../lib/state/focus';
import Drop from './Drop.svelte';

// Behind the `#`, so that it comes into no log. Another link in the same tab is another page.
const token = location.hash.slice(1);
addEventListener('hashchange', () => location.reload());
const target = document.getElementById('app');

i18n.offered = OFFICIAL;
i18n
  .use(chooseLanguage(location.search, navigator.languages, OFFICIAL))
  .then(() => {
    i18n.follow(document.documentElement);
    keepFocusInSight(document);
    if (target) mount(Drop, { target, props: { token } });
  })
  .catch(() => showNoTexts(target));
