import { onScopeDispose, ref, shallowRef, watch } from 'vue';
import { ask, words } from './ask';

/** Asks for what path says, again whenever it says something else and every so many milliseconds while the page is seen. An empty path asks nothing. */
export function useAnswer<T>(path: () => string, everyMilliseconds = 0) {
	const answer = shallowRef<T>();
	const failure = ref('');
	const loading = ref(false);
	let latest = 0;

	async function load(): Promise<void> {
		const asked = path();
		const number = ++latest;
		if (asked === '') {
			answer.value = undefined;
			return;
		}
		loading.value = true;
		try {
			const got = await ask<T>(asked);
			if (number === latest) {
				answer.value = got;
				failure.value = '';
			}
		} catch (error) {
			if (number === latest) {
				failure.value = words(error);
			}
		} finally {
			if (number === latest) {
				loading.value = false;
			}
		}
	}

	watch(path, () => {
		answer.value = undefined;
		void load();
	});
	void load();
	if (everyMilliseconds > 0) {
		const timer = setInterval(() => {
			if (document.visibilityState === 'visible') {
				void load();
			}
		}, everyMilliseconds);
		onScopeDispose(() => clearInterval(timer));
	}
	onScopeDispose(() => latest++);
	return { answer, failure, loading, load };
}
