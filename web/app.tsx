import { I18nProvider } from 'react-aria-components/I18nProvider';

import { CataloguePage } from './catalogue/catalogue-page.tsx';
import { ErrorBoundary } from './frame/error-boundary.tsx';
import { Messages } from './frame/messages.tsx';
import { NotFoundPage } from './frame/not-found-page.tsx';
import { LabPage } from './lab/lab-page.tsx';
import { useLocale } from './language/use-locale.ts';
import { useRoute } from './routing/navigation.tsx';

export function App() {
  const locale = useLocale();
  return (
    <I18nProvider locale={locale}>
      <ErrorBoundary>
        <Page />
      </ErrorBoundary>
      <Messages />
    </I18nProvider>
  );
}

function Page() {
  const route = useRoute();
  switch (route.type) {
    case 'catalogue':
      return <CataloguePage />;
    case 'lab':
      return <LabPage key={route.lab} lab={route.lab} wanted={route.place} />;
    case 'unknown':
      return <NotFoundPage />;
    default:
      return route satisfies never;
  }
}

declare module 'react' {
  // Custom properties carry sizes from the code to the style sheets.
  interface CSSProperties {
    readonly [property: `--${string}`]: string | number | undefined;
  }
}
