/** Loaded before each file of tests: they share the compiled code of what they import, which is most of the time of a short one. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../../.cache/compiled', import.meta.url)));
