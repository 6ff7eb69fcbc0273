import { shallowRef } from 'vue';
import type { PageName } from '../shell/router';
import { ask } from './ask';

/** What there is to see and do here. */
export interface About {
	name: string;
	version: string;
	pages: PageName[];
	send: boolean;
	filters: boolean;
	admin: boolean;
}

/** What the server has said of itself; undefined before it has. */
export const about = shallowRef<About>();

export async function askAbout(): Promise<void> {
	about.value = await ask<About>('about');
}
