import './styles.css';
import { createApp } from 'vue';
import { askAbout } from './api/about';
import App from './App.vue';
import { chooseLanguage } from './i18n';
import { startRouter } from './shell/router';
import { startClock } from './shell/when';

// The page's address changes while it is open: what is relative to it is to stay where it is.
for (const icon of document.querySelectorAll<HTMLLinkElement>('link[rel=icon]')) {
	icon.setAttribute('href', icon.href);
}
startRouter();
startClock();
void askAbout().catch(() => undefined); // the page shows what everyone may see, and says what it cannot get
await chooseLanguage(new URLSearchParams(location.search).get('uselang'), navigator.languages).catch(() => undefined); // English is built in
createApp(App).mount('#app');
