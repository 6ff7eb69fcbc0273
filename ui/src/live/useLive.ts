import { onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue';
import { follow, type Gap, type State } from './follow';
import { type Arrival, Rate, Recent } from './recent';

/** How many events the page remembers, and how many characters of them. */
export const remembered = 2000;
const rememberedCharacters = 8_000_000;

/** How often the page is drawn anew while events come, however many do. */
const drawMilliseconds = 200;

/** Follows a stream of events and keeps what the page shows of it. address is null while there is nothing to follow. */
export function useLive(address: Ref<((since?: number) => string) | null>) {
	const state = shallowRef<State>({ kind: 'idle' });
	const arrivals = shallowRef<Arrival[]>([]);
	const total = ref(0);
	const dropped = ref(0);
	const rate = ref(0);
	const paused = ref(false);
	const sincePause = ref(0);
	const reconnects = ref(0);
	const gaps = shallowRef<Gap[]>([]);
	const failure = ref('');

	const recent = new Recent(remembered, rememberedCharacters);
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
		dropped.value = recent.total - recent.kept;
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
		reconnects.value = 0;
		clear();
		if (address.value === null) {
			state.value = { kind: 'idle' };
			return;
		}
		let before: State['kind'] = 'idle';
		void follow(
			address.value,
			{
				state(next) {
					if (signal.aborted) {
						return;
					}
					if (before === 'waiting' && next.kind === 'connecting') {
						reconnects.value++;
					}
					before = next.kind;
					state.value = next;
				},
				gap(announced) {
					if (!signal.aborted) {
						gaps.value = [announced, ...gaps.value].slice(0, 5);
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
		dropped.value = 0;
		arrivals.value = [];
		gaps.value = [];
		failure.value = '';
	}

	watch(address, connect, { immediate: true });
	onScopeDispose(() => {
		clearInterval(drawing);
		connection.abort();
	});

	return { state, arrivals, total, dropped, rate, paused, sincePause, reconnects, gaps, failure, connect, pause, clear };
}
