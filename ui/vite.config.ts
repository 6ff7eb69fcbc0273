import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// The built files are committed and compared with a fresh build, so nothing here may depend on the machine or the moment.
export default defineConfig({
	base: './', // the page may be mounted below any path
	plugins: [vue()],
	define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
	build: {
		target: ['chrome120', 'firefox121', 'safari17'],
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		license: { fileName: 'licenses.md' },
		reportCompressedSize: true,
	},
	server: { proxy: Object.fromEntries(['/v1', '/v2/stream', '/ui/api'].map((path) => [path, process.env.EVENTPLATFORM ?? 'http://127.0.0.1:8080'])) },
	test: { include: ['src/**/*.test.ts'] },
});
