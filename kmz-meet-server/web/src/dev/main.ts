import { mount } from 'svelte';
import '../app.css';
import { chooseLanguage, i18n } from '../lib/i18n/index.svelte';
import Dev from './Dev.svelte';

i18n.use(chooseLanguage(location.search, navigator.languages));
const target = document.getElementById('app');
if (target) mount(Dev, { target });
