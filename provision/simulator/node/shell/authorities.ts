/** Where images with `ca-certificates` keep the authorities that their programs trust. */
export const AUTHORITIES_PATH = '/etc/ssl/certs/ca-certificates.crt';
