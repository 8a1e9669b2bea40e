import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    // The content security policy allows neither inline scripts nor fonts in data: addresses.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_200,
  },
});
