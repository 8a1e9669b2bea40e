import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './design/tokens.css';
import './design/base.css';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';

import { App } from './app.tsx';
import { i18n, startLanguage } from './language/i18n.ts';
import { applyTheme } from './theme/theme.ts';

applyTheme();
await startLanguage();

const root = document.querySelector('#page');
if (root) {
  createRoot(root).render(
    <I18nextProvider i18n={i18n}>
      <App />
    </I18nextProvider>,
  );
}
