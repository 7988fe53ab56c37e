import { mount } from 'svelte';
import '../app.css';
import { chooseLanguage, i18n } from '../lib/i18n/index.svelte';
import { showNoTexts } from '../lib/i18n/no-texts';
import Dev from './Dev.svelte';

const target = document.getElementById('app');
i18n
  .use(chooseLanguage(location.search, navigator.languages))
  .then(() => {
    i18n.follow(document.documentElement);
    if (target) mount(Dev, { target });
  })
  .catch(() => showNoTexts(target));
