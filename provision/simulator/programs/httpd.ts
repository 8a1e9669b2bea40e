import { logTime } from './log-time.ts';
import { textServer } from './text-server.ts';

const ROOT = '/usr/local/apache2/htdocs';

/** Apache's web server with its default site: files below /usr/local/apache2/htdocs on port 80, and its access log. */
export const httpd = {
  ...textServer({
    images: ['httpd'],
    commands: ['bash', 'apt', 'apt-get', 'getent'],
    port: () => 80,
    greeting: () => ["AH00094: Command line: 'httpd -D FOREGROUND'"],
    serve:
      ({ clock, log, readFile }) =>
      (request, peer) => {
        const path = decodeURIComponent(new URL(request.path, 'http://localhost').pathname);
        const file = readFile(`${ROOT}${path.endsWith('/') ? `${path}index.html` : path}`);
        const status = file === undefined ? 404 : 200;
        const text = file ?? NOT_FOUND;
        const time = logTime(new Date(clock.now()));
        log(
          `${peer.ip} - - [${time} +0000] "${request.method} ${request.path} HTTP/1.1" ${status} ${text.length}`,
        );
        return { status, text, type: 'text/html' };
      },
  }),
  files: { [`${ROOT}/index.html`]: '<html><body><h1>It works!</h1></body></html>\n' },
};

const NOT_FOUND = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>404 Not Found</title>
</head><body>
<h1>Not Found</h1>
<p>The requested URL was not found on this server.</p>
</body></html>
`;
