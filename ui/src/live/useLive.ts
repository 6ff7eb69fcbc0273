import { onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue';
import { streamPath } from '../api/streams';
import { follow, type Gap, type State } from './follow';
import { type Arrival, Rate, Recent } from './recent';

/** How many events the page remembers. */
export const remembered = 500;

/** How often the page is drawn anew while events come, however many do. */
const drawMilliseconds = 200;

/** Follows the chosen streams and keeps what the page shows of them. */
export function useLive(chosen: Ref<string[]>) {
	const state = shallowRef<State>({ kind: 'idle' });
	const arrivals = shallowRef<Arrival[]>([]);
	const total = ref(0);
	const rate = ref(0);
	const paused = ref(false);
	const sincePause = ref(0);
	const gap = shallowRef<Gap>();
	const failure = ref('');

	const recent = new Recent(remembered);
	let meter = new Rate();
	let totalAtPause = 0;
	let fresh = false;
	let connection = new AbortController();

	const drawing = setInterval(draw, drawMilliseconds);

	function draw() {
		rate.value = meter.perSecond(Date.now());
		if (!fresh) {
			return;
		}
		total.value = recent.total;
		if (paused.value) {
			sincePause.value = recent.total - totalAtPause;
			return;
		}
		fresh = false;
		arrivals.value = recent.newestFirst();
	}

	function connect() {
		connection.abort();
		connection = new AbortController();
		const { signal } = connection;
		meter = new Rate();
		gap.value = undefined;
		failure.value = '';
		if (chosen.value.length === 0) {
			state.value = { kind: 'idle' };
			return;
		}
		void follow(
			streamPath(chosen.value),
			{
				state(next) {
					if (!signal.aborted) {
						state.value = next;
					}
				},
				gap(announced) {
					if (!signal.aborted) {
						gap.value = announced;
					}
				},
				message(message) {
					if (signal.aborted) {
						return;
					}
					if (message.type === 'error') {
						failure.value = message.data;
						return;
					}
					recent.add(message);
					meter.count(Date.now());
					fresh = true;
				},
			},
			signal,
		);
	}

	function pause(on: boolean) {
		paused.value = on;
		totalAtPause = recent.total;
		sincePause.value = 0;
		fresh = true;
	}

	function clear() {
		recent.clear();
		totalAtPause = 0;
		sincePause.value = 0;
		total.value = 0;
		arrivals.value = [];
		gap.value = undefined;
		failure.value = '';
	}

	watch(chosen, connect, { immediate: true });
	onScopeDispose(() => {
		clearInterval(drawing);
		connection.abort();
	});

	return { state, arrivals, total, rate, paused, sincePause, gap, failure, connect, pause, clear };
}
