import './styles.css';
import { createApp } from 'vue';
import App from './App.vue';
import { chooseLanguage } from './i18n';

await chooseLanguage(new URLSearchParams(location.search).get('uselang'), navigator.languages).catch(() => undefined); // English is built in
createApp(App).mount('#app');
