// vite.config.mjs - one page with everything in it: no file beside it, nothing fetched.
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

export default defineConfig({
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  build: { rollupOptions: { input: 'plan.html' }, target: 'es2020', chunkSizeWarningLimit: 2000 },
});
